/** One thing that happened at a simulated vendor. */
export interface LabEvent {
  /** Counts from 1. */
  id: number
  /** Epoch milliseconds. */
  at: number
  /** What it was: `click-to-call`, `lookup`, `remote-login`, `callback`… */
  kind: string
  /** `sent` for what the vendor's side did by itself. */
  outcome: 'accepted' | 'refused' | 'sent' | 'failed'
  /** In one sentence, for people. */
  text: string
  /** Whatever a page or a test wants to look at. */
  detail?: unknown
}

/** What a simulator saw and did, newest last, bounded. */
export class EventLog {
  readonly #events: LabEvent[] = []
  readonly #now: () => number
  #last = 0

  constructor (now: () => number = Date.now) {
    this.#now = now
  }

  record (kind: string, outcome: LabEvent['outcome'], text: string, detail?: unknown): LabEvent {
    const event: LabEvent = {
      id: ++this.#last,
      at: this.#now(),
      kind,
      outcome,
      text,
      ...detail !== undefined && { detail }
    }
    this.#events.push(event)
    if (this.#events.length > 500) this.#events.shift()
    return event
  }

  /** The events after `id`. */
  since (id = 0): LabEvent[] {
    return this.#events.filter(event => event.id > id)
  }
}
