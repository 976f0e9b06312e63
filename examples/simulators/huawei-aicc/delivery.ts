import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '../shared/events.ts'

/** One callback to one address. */
export interface Callback {
  kind: 'connected' | 'released' | 'voice-notification'
  callSerialNo: string
  url: string
  /** The body of an attempt: a signed one is signed anew each time, or a retry would come too late. */
  body: () => Promise<object>
}

/** What the other side answered. */
export interface Answer {
  ok: boolean
  /** Null when there was no answer. */
  status: number | null
  text: string
}

/** Sends callbacks until they are answered as the vendor expects, and records each attempt. */
export class Delivery {
  readonly #events: EventLog
  readonly #retryDelaysMs: readonly number[]
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<void>>()

  constructor (events: EventLog, retryDelaysMs: readonly number[]) {
    this.#events = events
    this.#retryDelaysMs = retryDelaysMs
  }

  /** Resolves with the answer to the first attempt; others follow on their own. */
  async send (callback: Callback): Promise<Answer> {
    const answer = await this.attempt(callback)
    if (!answer.ok) this.#track(this.#retry(callback))
    return answer
  }

  async attempt ({ kind, callSerialNo, url, body }: Callback, note = ''): Promise<Answer> {
    const sent = await body()
    const answer = await this.#post(url, sent)
    const outcome = answer.ok ? 'accepted' : answer.status !== null && answer.status >= 400 && answer.status < 500 ? 'refused' : 'failed'
    this.#events.record(kind, outcome, `sent ${kind} of ${callSerialNo} to ${url}${note}: ${answer.text}`, { callSerialNo, url, body: sent, ...answer })
    return answer
  }

  async close (): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#underWay)
  }

  async #retry (callback: Callback): Promise<void> {
    for (const [index, delay] of this.#retryDelaysMs.entries()) {
      await sleep(delay, undefined, { signal: this.#closing.signal })
      if ((await this.attempt(callback, ` (retry ${index + 1})`)).ok) return
    }
    this.#events.record(callback.kind, 'failed', `gave up on ${callback.callSerialNo}`, { callSerialNo: callback.callSerialNo })
  }

  async #post (url: string, body: object): Promise<Answer> {
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(5000)])
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body), signal })
      const text = await response.text()
      return { ok: response.status === 200 && retCodeOf(text) === '0', status: response.status, text }
    } catch (error) {
      return { ok: false, status: null, text: error instanceof Error ? error.message : 'no answer' }
    }
  }

  #track (work: Promise<void>): void {
    const quiet = work.catch(() => {}).finally(() => this.#underWay.delete(quiet))
    this.#underWay.add(quiet)
  }
}

function retCodeOf (text: string): unknown {
  try {
    return (JSON.parse(text) as { retCode?: unknown } | null)?.retCode
  } catch {
    return undefined
  }
}
