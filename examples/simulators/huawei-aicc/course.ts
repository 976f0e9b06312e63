import type { EventLog } from '../shared/events.ts'
import type { Callbacks } from './callbacks.ts'
import type { Call, Calls } from './calls.ts'
import type { Answer, Deliveries } from './delivery.ts'

/** Milliseconds as text; empty where somebody says when. */
export interface CoursePace {
  readonly ringMs: string
  readonly talkMs: string
  readonly releaseMs: string
}

/** What a call runs at that is let run without a pace in the settings. */
const ownPace: CoursePace = { ringMs: '1000', talkMs: '2000', releaseMs: '5000' }

/**
 * Takes calls from one state to the next, by hand or by themselves, and sends what the vendor sends
 * then.
 */
export class Course {
  readonly #calls: Calls
  readonly #callbacks: Callbacks
  readonly #deliveries: Deliveries
  readonly #events: EventLog
  readonly #pace: CoursePace
  readonly #letRun = new WeakSet<Call>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor (
    parts: {
      calls: Calls,
      callbacks: Callbacks,
      deliveries: Deliveries,
      events: EventLog,
      pace: CoursePace
    }
  ) {
    this.#calls = parts.calls
    this.#callbacks = parts.callbacks
    this.#deliveries = parts.deliveries
    this.#events = parts.events
    this.#pace = parts.pace
  }

  /** From here on the call runs by itself, whatever the settings. */
  letRun (call: Call): void {
    this.#letRun.add(call)
    this.goOn(call)
  }

  /** What comes next, if it comes by itself. */
  goOn (call: Call): void {
    switch (call.state) {
      case 'calling':
        return this.#later(call, 'ringMs', async () => {
          this.ring(call)
        })
      case 'ringing':
        return this.#later(call, 'talkMs', async () => {
          await this.talk(call)
        })
      case 'talking':
        return this.#later(call, 'releaseMs', async () => {
          await this.release(call, '0')
        })
    }
  }

  /** False where the call is past that; so with the other two. */
  ring (call: Call): boolean {
    if (!this.#calls.ring(call)) return false
    this.#events.record(
      'ringing',
      'sent',
      `${call.caller} has answered, and ${call.called} is ringing: ${call.callSerialNo}`,
      { callSerialNo: call.callSerialNo }
    )
    this.goOn(call)
    return true
  }

  async talk (call: Call): Promise<Answer | false> {
    if (!this.#calls.talk(call)) return false
    this.goOn(call)
    return await this.#deliveries.send(this.#callbacks.connected(call))
  }

  /** Null without a callBackUrl: nothing is sent then. */
  async release (call: Call, reason: string): Promise<Answer | null | false> {
    if (!this.#calls.release(call, reason)) return false
    const callback = this.#callbacks.released(call)
    if (callback !== null) return await this.#deliveries.send(callback)
    this.#events.record('released', 'failed', `${call.callSerialNo} has no callBackUrl`, {
      callSerialNo: call.callSerialNo
    })
    return null
  }

  close (): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #later (call: Call, step: keyof CoursePace, work: () => Promise<void>): void {
    const delay = this.#pace[step] || (this.#letRun.has(call) ? ownPace[step] : '')
    if (delay === '') return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work().catch((error: unknown) => {
        this.#events.record('call', 'failed', String(error), { callSerialNo: call.callSerialNo })
      })
    }, Number(delay))
    this.#timers.add(timer)
  }
}
