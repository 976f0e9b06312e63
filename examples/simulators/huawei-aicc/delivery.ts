import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLog } from '../shared/events.ts'
import { parseObject } from '../shared/wire.ts'

/** One callback to one address. */
export interface Callback {
  readonly kind: 'connected' | 'released' | 'voice-notification'
  readonly callSerialNo: string
  readonly url: string
  /** Creates the body of an attempt. */
  readonly body: () => object
}

/** The response of the service. */
export interface Answer {
  ok: boolean
  /** Null if there was no response. */
  status: number | null
  text: string
}

/** A pending or finished callback, for the page. */
export interface Delivery {
  readonly id: number
  readonly kind: Callback['kind']
  readonly callSerialNo: string
  readonly url: string
  state: 'waiting' | 'taken' | 'given up'
  readonly attempts: Array<Answer & { at: number }>
  /** Epoch milliseconds of the next attempt; null if none is planned. */
  nextAt: number | null
}

const maximumDeliveries = 100

/** Sends callbacks until the response is as the vendor expects, and records each attempt. */
export class Deliveries {
  readonly #events: EventLog
  readonly #retryDelaysMs: () => readonly number[]
  readonly #now: () => number
  readonly #closing = new AbortController()
  readonly #pending = new Set<Promise<void>>()
  readonly #all: Delivery[] = []
  #last = 0

  constructor (events: EventLog, retryDelaysMs: () => readonly number[], now: () => number) {
    this.#events = events
    this.#retryDelaysMs = retryDelaysMs
    this.#now = now
  }

  /** Resolves with the response to the first attempt. Retries run in the background. */
  async send (callback: Callback): Promise<Answer> {
    const { kind, callSerialNo, url } = callback
    const delivery: Delivery = {
      id: ++this.#last,
      kind,
      callSerialNo,
      url,
      state: 'waiting',
      attempts: [],
      nextAt: null
    }
    this.#all.push(delivery)
    if (this.#all.length > maximumDeliveries) this.#all.shift()
    const answer = await this.#try(callback, delivery)
    if (!answer.ok) this.#track(this.#retry(callback, delivery))
    return answer
  }

  /** Sends a forgery: once and unlisted. */
  async attempt ({ kind, callSerialNo, url, body }: Callback, note: string): Promise<Answer> {
    const payload = body()
    const answer = await this.#post(url, payload)
    const outcome = answer.ok
      ? 'accepted'
      : answer.status !== null && answer.status >= 400 && answer.status < 500
      ? 'refused'
      : 'failed'
    this.#events.record(
      kind,
      outcome,
      `sent ${kind} of ${callSerialNo} to ${url}${note}: ${answer.text}`,
      { callSerialNo, url, body: payload, ...answer }
    )
    return answer
  }

  /** Oldest first. */
  list (): readonly Delivery[] {
    return this.#all
  }

  async close (): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#pending)
  }

  async #try (callback: Callback, delivery: Delivery): Promise<Answer> {
    const { attempts } = delivery
    const answer = await this.attempt(
      callback,
      attempts.length === 0 ? '' : ` (retry ${attempts.length})`
    )
    attempts.push({ at: this.#now(), ...answer })
    if (answer.ok) delivery.state = 'taken'
    return answer
  }

  async #retry (callback: Callback, delivery: Delivery): Promise<void> {
    for (const delay of this.#retryDelaysMs()) {
      delivery.nextAt = this.#now() + delay
      await sleep(delay, undefined, { signal: this.#closing.signal })
      delivery.nextAt = null
      if ((await this.#try(callback, delivery)).ok) return
    }
    delivery.state = 'given up'
    this.#events.record(callback.kind, 'failed', `gave up on ${callback.callSerialNo}`, {
      callSerialNo: callback.callSerialNo
    })
  }

  async #post (url: string, body: object): Promise<Answer> {
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(5000)])
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
        signal
      })
      const text = await response.text()
      return {
        ok: response.status === 200 && parseObject(text)?.['retCode'] === '0',
        status: response.status,
        text
      }
    } catch (error) {
      return { ok: false, status: null, text: error instanceof Error ? error.message : 'no answer' }
    }
  }

  #track (retries: Promise<void>): void {
    const tracked = retries.catch(() => {}).finally(() => this.#pending.delete(tracked))
    this.#pending.add(tracked)
  }
}
