import type { EventRow, Store } from '../store/index.ts'
import { eventsAfter, lastEventId } from '../store/events.ts'

/** Receives events in order, each once. */
export interface Subscriber {
  /** The id of the last event that it received. */
  position: number
  /** False when it cannot take more: it is dropped, and may reconnect and resume. */
  deliver(events: readonly EventRow[]): boolean
  /** Resolves when there is room for a page, or when the reader has disconnected. */
  waitForRoom(): Promise<void>
}

export interface FeedOptions {
  readonly store: Store
  /** Milliseconds between reads of the table without an announcement. Default 2000. */
  readonly pollMs?: number | undefined
  readonly onError: (error: unknown) => void
}

const pageSize = 500

/**
 * One reader of the event table for all subscribers of this process. Announcements only trigger a
 * read; a lost one costs a poll's delay and never an event.
 */
export class EventFeed {
  readonly #options: FeedOptions
  readonly #live = new Set<Subscriber>()
  readonly #timer: NodeJS.Timeout
  #position = 0
  #reading = false
  #again = false
  #closed = false

  constructor (options: FeedOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.announce(), options.pollMs ?? 2000)
    this.#timer.unref()
  }

  /** There may be new events. */
  announce (): void {
    if (this.#live.size === 0 || this.#closed) return
    this.#again = true
    if (!this.#reading) this.#read().catch(this.#options.onError)
  }

  /** Sends the subscriber all events after its position, then new ones until `leave`. */
  async join (subscriber: Subscriber): Promise<void> {
    const { store } = this.#options
    if (this.#live.size === 0) {
      const newest = await store.read(lastEventId)
      // A subscriber that joined meanwhile still needs the events after our position.
      if (this.#live.size === 0) this.#position = Math.max(this.#position, newest)
    }
    // No await between the last check and the join: later events are newer than our position.
    while (subscriber.position < this.#position) {
      const events = await store.read(db => eventsAfter(db, subscriber.position, pageSize))
      if (!deliverNew(subscriber, events)) return
      if (events.length === 0) break
      await subscriber.waitForRoom()
    }
    this.#live.add(subscriber)
    this.announce()
  }

  leave (subscriber: Subscriber): void {
    this.#live.delete(subscriber)
  }

  /** The number of subscribers. */
  get size (): number {
    return this.#live.size
  }

  close (): void {
    this.#closed = true
    clearInterval(this.#timer)
    this.#live.clear()
  }

  async #read (): Promise<void> {
    this.#reading = true
    try {
      while (this.#again && !this.#closed) {
        this.#again = false
        const events = await this.#options.store.read(db =>
          eventsAfter(db, this.#position, pageSize)
        )
        this.#position = events.at(-1)?.id ?? this.#position
        for (const subscriber of this.#live) {
          if (!deliverNew(subscriber, events)) this.#live.delete(subscriber)
        }
        if (events.length === pageSize) this.#again = true
      }
    } finally {
      // In the same turn as the last check of `again`: otherwise an announcement in between would
      // wait for the next poll.
      this.#reading = false
    }
  }
}

function deliverNew (subscriber: Subscriber, events: readonly EventRow[]): boolean {
  const { position } = subscriber
  const newEvents = events.filter(event => event.id > position)
  if (newEvents.length === 0) return true
  subscriber.position = newEvents.at(-1)?.id ?? position
  return subscriber.deliver(newEvents)
}
