/** One event at a simulated vendor. */
export interface LabEvent {
  /** Starts at 1. */
  id: number
  /** Epoch milliseconds. */
  at: number
  /** The kind: `click-to-call`, `lookup`, `remote-login`, `callback`… */
  kind: string
  /** `sent` for actions of the vendor's own. */
  outcome: 'accepted' | 'refused' | 'sent' | 'failed'
  /** One sentence for humans. */
  text: string
  /** Details for pages and tests. */
  detail?: unknown
}

/** The newest events of a simulator, newest last. */
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
