import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startStack, type Stack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'

export interface Stage {
  readonly stack: Stack
  /** Moves the service's clock; hours before now are negative. */
  setHours(hours: number): void
  /** A desk, signed in and live. */
  openDesk(agent: number, options?: BrowserContextOptions): Promise<Page>
  /** An agent without a browser: a request to the service's API. */
  ask(agent: number, method: 'GET' | 'POST' | 'PUT', url: string, body?: object): Promise<unknown>
  /** Presses a button of a vendor's lab. */
  order(url: string, body: object): Promise<void>
  close(): Promise<void>
}

/** The service with its simulators, and a browser whose wall clock shows an afternoon. */
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

/** As whoever opens it sees a page: from its top, without a focus ring and notices. */
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

/** The time zone in which it is some minutes past three in the afternoon. */
function afternoon (): string {
  const east = (15 - new Date().getUTCHours() + 36) % 24 - 12
  // Etc/GMT-3 lies three hours east.
  return `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`
}
