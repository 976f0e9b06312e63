import type { EventLog } from '../shared/events.ts'
import type { Callbacks } from './callbacks.ts'
import type { Call, Calls } from './calls.ts'
import type { Answer, Deliveries } from './delivery.ts'

/** Milliseconds as text; empty for manual control. */
export interface CallPace {
  readonly ringMs: string
  readonly talkMs: string
  readonly releaseMs: string
}

/** The default pace of a call that runs by itself. */
const defaultPace: CallPace = { ringMs: '1000', talkMs: '2000', releaseMs: '5000' }

/** Advances calls, manually or by timers, and sends the vendor's callback for each state. */
export class CallFlow {
  readonly #calls: Calls
  readonly #callbacks: Callbacks
  readonly #deliveries: Deliveries
  readonly #events: EventLog
  readonly #pace: CallPace
  readonly #automatic = new WeakSet<Call>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor (
    parts: {
      calls: Calls,
      callbacks: Callbacks,
      deliveries: Deliveries,
      events: EventLog,
      pace: CallPace
    }
  ) {
    this.#calls = parts.calls
    this.#callbacks = parts.callbacks
    this.#deliveries = parts.deliveries
    this.#events = parts.events
    this.#pace = parts.pace
  }

  /** Makes the call advance by itself from now on, regardless of the settings. */
  runAutomatically (call: Call): void {
    this.#automatic.add(call)
    this.scheduleNext(call)
  }

  /** Schedules the next state, if it is automatic. */
  scheduleNext (call: Call): void {
    switch (call.state) {
      case 'calling':
        return this.#schedule(call, 'ringMs', async () => {
          this.ring(call)
        })
      case 'ringing':
        return this.#schedule(call, 'talkMs', async () => {
          await this.talk(call)
        })
      case 'talking':
        return this.#schedule(call, 'releaseMs', async () => {
          await this.release(call, '0')
        })
    }
  }

  /** Returns false if the call is past that state, as do the other two methods. */
  ring (call: Call): boolean {
    if (!this.#calls.ring(call)) return false
    this.#events.record(
      'ringing',
      'sent',
      `${call.caller} answered, and ${call.called} rings: ${call.callSerialNo}`,
      { callSerialNo: call.callSerialNo }
    )
    this.scheduleNext(call)
    return true
  }

  async talk (call: Call): Promise<Answer | false> {
    if (!this.#calls.talk(call)) return false
    this.scheduleNext(call)
    return await this.#deliveries.send(this.#callbacks.createConnected(call))
  }

  /** Returns null and sends nothing without a callBackUrl. */
  async release (call: Call, reason: string): Promise<Answer | null | false> {
    if (!this.#calls.release(call, reason)) return false
    const callback = this.#callbacks.createReleased(call)
    if (callback !== null) return await this.#deliveries.send(callback)
    this.#events.record('released', 'failed', `${call.callSerialNo} has no callBackUrl`, {
      callSerialNo: call.callSerialNo
    })
    return null
  }

  close (): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #schedule (call: Call, step: keyof CallPace, action: () => Promise<void>): void {
    const delay = this.#pace[step] || (this.#automatic.has(call) ? defaultPace[step] : '')
    if (delay === '') return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action().catch((error: unknown) => {
        this.#events.record('call', 'failed', String(error), { callSerialNo: call.callSerialNo })
      })
    }, Number(delay))
    this.#timers.add(timer)
  }
}
