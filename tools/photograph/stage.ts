import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startStack, type Stack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'

export interface Stage {
  readonly stack: Stack
  /** Sets the service's clock relative to now, in hours; negative is the past. */
  setHours(hours: number): void
  /** Opens a desk, signed in and connected. */
  openDesk(agent: number, options?: BrowserContextOptions): Promise<Page>
  /** Sends a request to the service's API as an agent. */
  ask(agent: number, method: 'GET' | 'POST' | 'PUT', url: string, body?: object): Promise<unknown>
  /** Presses a button in a vendor's lab. */
  order(url: string, body: object): Promise<void>
  close(): Promise<void>
}

/** The service with its simulators, and a browser with an afternoon clock. */
export async function openStage (browser: Browser): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'pictures-'))
  let ahead = 0
  const stack = await startStack({
    firstPort: 0,
    autoRun: { connect: 200, release: 600_000 },
    env: {
      DATABASE_URL: `file:${join(data, 'demo.db')}`,
      LOG_LEVEL: 'silent',
      RING_SECONDS: '300'
    },
    overrides: { now: () => Date.now() + ahead }
  })
  const cookies = new Map<number, string>()
  return {
    stack,
    setHours (hours) {
      ahead = Math.round(hours * 60 * 60 * 1000)
    },
    async openDesk (agent, options) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 620 },
        timezoneId: afternoon(),
        locale: 'en-GB',
        ...options
      })
      context.setDefaultTimeout(120_000)
      const page = await context.newPage()
      const { login, password } = demoSignIns.agents[agent] ?? demoSignIns.agents[0]
      await page.goto(`${stack.urls.service}/desk`)
      await page.locator('input[name=login]').fill(login)
      await page.locator('input[name=password]').fill(password)
      await page.keyboard.press('Enter')
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
      return page
    },
    async ask (agent, method, url, body) {
      const cookie = cookies.get(agent) ?? await signIn(stack, agent)
      cookies.set(agent, cookie)
      const answer = await stack.service.inject({
        method,
        url,
        headers: { cookie },
        ...body && { payload: body }
      })
      if (answer.statusCode >= 400) throw new Error(`${method} ${url}: ${answer.body}`)
      return answer.json<unknown>()
    },
    async order (url, body) {
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body)
      })
    },
    async close () {
      await stack.close()
      rmSync(data, { recursive: true })
    }
  }
}

/** Resets the page to its initial view: scrolled to the top, without focus rings and notices. */
export async function tidy (page: Page): Promise<void> {
  await page.evaluate(
    "document.activeElement?.blur(); scrollTo(0, 0); document.getElementById('toasts').replaceChildren()"
  )
  await page.mouse.move(0, 0)
}

async function signIn ({ service }: Stack, agent: number): Promise<string> {
  const { login, password } = demoSignIns.agents[agent] ?? demoSignIns.agents[0]
  const { cookies: [cookie] } = await service.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  return `${cookie?.name}=${cookie?.value}`
}

/** The time zone in which it is between 15:00 and 16:00. */
function afternoon (): string {
  const east = (15 - new Date().getUTCHours() + 36) % 24 - 12
  // Etc/GMT-3 is three hours east.
  return `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`
}
