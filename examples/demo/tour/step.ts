import type { Stack } from '../stack.ts'
import type { Browser } from './browser.ts'
import type { Desktop } from './desktop.ts'

/** What the steps share. */
export interface Tour {
  readonly stack: Stack
  /** The agent's browser and its event stream. */
  readonly agent: Browser
  readonly desktop: Desktop
  /** The member's browser. */
  readonly member: Browser
  /** The call that the tour makes, once it is made. */
  callSerialNo: string
}

/** One step of the story, and its forged twin, which must be refused. */
export interface Step {
  readonly title: string
  readonly signedBy: string
  readonly verifiedBy: string
  /** Says what came of it; throws when it went wrong. */
  run(tour: Tour): Promise<string>
  readonly twin: {
    readonly title: string,
    /** Says how it was refused; throws when it was not. */
    run(tour: Tour): Promise<string>
  }
}

/** @throws {Error} with `message` unless the condition holds */
export function expect (condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** @throws {Error} unless the reply has this status; gives its text */
export async function expectStatus (response: Response, status: number): Promise<string> {
  const text = await response.text()
  expect(
    response.status === status,
    `${new URL(response.url).pathname} answered ${response.status} instead of ${status}: ${
      text.slice(0, 300)
    }`
  )
  return text
}

/** What a simulator has on record, newest last. */
async function eventsOf (
  url: string
): Promise<Array<{ id: number, kind: string, outcome: string, text: string }>> {
  return await (await fetch(`${url}/lab/events`)).json() as Array<
    { id: number, kind: string, outcome: string, text: string }
  >
}

/** @throws {Error} unless the newest event of this kind has this outcome; gives its text */
export async function expectEvent (url: string, kind: string, outcome: string): Promise<string> {
  const last = (await eventsOf(url)).findLast(event => event.kind === kind)
  expect(
    last?.outcome === outcome,
    `the last ${kind} is ${last?.outcome ?? 'missing'} instead of ${outcome}: ${last?.text ?? ''}`
  )
  return last.text
}

/** Tells a simulator what to do. */
export async function control (url: string, body: object = {}): Promise<unknown> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  return JSON.parse(await expectStatus(reply, 200))
}
