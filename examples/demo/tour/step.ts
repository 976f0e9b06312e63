import type { Stack } from '../stack.ts'
import type { Browser } from './browser.ts'
import type { Desktop } from './desktop.ts'

/** State shared by the steps. */
export interface Tour {
  readonly stack: Stack
  /** The agent's browser and its event stream. */
  readonly agent: Browser
  readonly desktop: Desktop
  /** The member's browser. */
  readonly member: Browser
  /** The tour's call, once it exists. */
  callSerialNo: string
}

/** One step of the tour, and its forged twin, which must be refused. */
export interface Step {
  readonly title: string
  readonly signedBy: string
  readonly verifiedBy: string
  /** Returns a description of the outcome. Throws if the step fails. */
  run(tour: Tour): Promise<string>
  readonly twin: {
    readonly title: string,
    /** Returns a description of the refusal. Throws if the forgery is accepted. */
    run(tour: Tour): Promise<string>
  }
}

/** @throws {Error} with `message` unless the condition holds */
export function expect (condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** Returns the response text. @throws {Error} unless the response has this status */
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

/** The events of a simulator, newest last. */
async function fetchEvents (
  url: string
): Promise<Array<{ id: number, kind: string, outcome: string, text: string }>> {
  return await (await fetch(`${url}/lab/events`)).json() as Array<
    { id: number, kind: string, outcome: string, text: string }
  >
}

/** Returns the text of the newest event of this kind. @throws {Error} unless it has this outcome */
export async function expectEvent (url: string, kind: string, outcome: string): Promise<string> {
  const last = (await fetchEvents(url)).findLast(event => event.kind === kind)
  expect(
    last?.outcome === outcome,
    `the last ${kind} is ${last?.outcome ?? 'missing'} instead of ${outcome}: ${last?.text ?? ''}`
  )
  return last.text
}

/** Sends a command to a simulator. */
export async function sendCommand (url: string, body: object = {}): Promise<unknown> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  return JSON.parse(await expectStatus(reply, 200))
}
