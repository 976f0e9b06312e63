import type { FastifyInstance } from 'fastify'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { startStack, type Stack, type StackOptions } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { sqliteUrl } from '../integration-service/helper.ts'
import { visitor } from './chromium.ts'

type AutoRun = NonNullable<StackOptions['autoRun']>

/** Starts the service and the vendors' simulators, closed with the test. */
export async function start (
  t: Test,
  autoRun: AutoRun | undefined,
  env: Record<string, string> = {},
  overrides: StackOptions['overrides'] = {}
): Promise<Stack> {
  const stack = await startStack({
    firstPort: 0,
    ...autoRun && { autoRun },
    env: { DATABASE_URL: sqliteUrl(t), LOG_LEVEL: 'silent', ...env },
    overrides: { signInsPerMinute: 1000, ...overrides }
  })
  t.after(() => stack.close())
  return stack
}

export async function typeSignIn (page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel('Login').fill(login)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export interface Desk {
  readonly page: Page
  readonly context: BrowserContext
}

/** The desktop of a demonstration agent, signed in and live. */
export async function openDesk (
  t: Test,
  browser: Browser,
  { urls }: Stack,
  index: number,
  faults: string[],
  options: BrowserContextOptions = {}
): Promise<Desk> {
  const context = await visitor(t, browser, faults, options)
  const page = await context.newPage()
  const { login, password } = demoSignIns.agents[index] ?? { login: '', password: '' }
  await page.goto(`${urls.service}/desk`)
  await typeSignIn(page, login, password)
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  await page.locator('#team[aria-busy=false]').waitFor()
  return { page, context }
}

/** An agent without a browser, who uses the service's API. */
export async function apiAgent (service: FastifyInstance, index: number) {
  const { login, password } = demoSignIns.agents[index] ?? { login: '', password: '' }
  const { cookies } = await service.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { login, password }
  })
  const headers = { cookie: `${cookies[0]?.name}=${cookies[0]?.value}` }
  const post = async (url: string, payload: object = {}): Promise<Record<string, unknown>> =>
    (await service.inject({ method: 'POST', url, headers, payload })).json()
  return {
    post,
    get: async (url: string): Promise<Record<string, unknown>> =>
      (await service.inject({ url, headers })).json(),
    signOut: async () =>
      await service.inject({ method: 'DELETE', url: '/api/agents/session', headers }),
    dial: async (number: string) => String((await post('/api/calls', { number }))['callSerialNo']),
    close: async (id: string) => await post(`/api/calls/${id}/close`),
    available: async () =>
      await service.inject({
        method: 'PUT',
        url: '/api/agents/state',
        headers,
        payload: { state: 'available', reason: null }
      })
  }
}

/** Presses a button of a vendor's lab. */
export async function order (url: string, body: object = {}): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  return await answer.json()
}

/** The call of a row in the lab of Huawei AICC, where a test lets it connect and end. */
export async function lineOf ({ urls }: Stack, row: Locator): Promise<string> {
  return `${urls.huaweiAicc}/lab/calls/${await row.getAttribute('data-call')}`
}

/** Lets a customer write a message, which the vendor's simulator delivers. */
export async function write (
  { urls }: Stack,
  vendor: 'whatsapp' | 'line',
  message: { contact: string, name?: string, text: string, way?: string }
): Promise<void> {
  await order(`${urls[vendor]}/lab/messages`, message)
}

interface Contact {
  id: string
  messages: Array<{ id: string, from: string, text: string, status: string }>
}

export async function contactsOf (
  { urls }: Stack,
  vendor: 'whatsapp' | 'line'
): Promise<Contact[]> {
  return await (await fetch(`${urls[vendor]}/lab/contacts`)).json() as Contact[]
}

/** Lets a customer call: Contiple looks the caller up. */
export async function callIn (
  { urls }: Stack,
  caller: string,
  forge?: 'key' | 'body' | 'time'
): Promise<void> {
  await order(`${urls.contiple}/lab/lookup`, { callNum: caller, ...forge && { forge } })
}
