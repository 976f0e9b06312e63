import type { EventRow, Store } from '../store/index.ts'
import { eventsAfter, lastEventId } from '../store/events.ts'

/** Somebody who is told events in order, each once. */
export interface Subscriber {
  /** The id of the last event that it was given. */
  position: number
  /** False when it cannot take more: it is dropped, and may come back and resume. */
  deliver(events: readonly EventRow[]): boolean
  /** Resolves when there is room for a page, or when nobody reads any more. */
  room(): Promise<void>
}

export interface FeedOptions {
  readonly store: Store
  /** Milliseconds between looks at the table when no announcement comes. */
  readonly pollMs?: number
  readonly onError: (error: unknown) => void
}

const pageSize = 500

/**
 * One reader of the event table for all subscribers of this process. Announcements only
 * say "look now"; one that is lost costs a poll's delay and never an event.
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

  /** Brings the subscriber up to date from its position, then keeps it so until `leave`. */
  async join (subscriber: Subscriber): Promise<void> {
    const { store } = this.#options
    if (this.#live.size === 0) {
      const newest = await store.read(lastEventId)
      // Whoever has joined meanwhile is yet to be told what follows our position.
      if (this.#live.size === 0) this.#position = Math.max(this.#position, newest)
    }
    // No await between the test and the joining: whatever is fanned out later is newer than our
    // position.
    while (subscriber.position < this.#position) {
      const events = await store.read(db => eventsAfter(db, subscriber.position, pageSize))
      if (!give(subscriber, events)) return
      if (events.length === 0) break
      await subscriber.room()
    }
    this.#live.add(subscriber)
    this.announce()
  }

  leave (subscriber: Subscriber): void {
    this.#live.delete(subscriber)
  }

  /** How many are told. */
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
          if (!give(subscriber, events)) this.#live.delete(subscriber)
        }
        if (events.length === pageSize) this.#again = true
      }
    } finally {
      // In the same turn as the last look at `again`: what is announced in between would wait for
      // the next poll.
      this.#reading = false
    }
  }
}

function give (subscriber: Subscriber, events: readonly EventRow[]): boolean {
  const { position } = subscriber
  const fresh = events.filter(event => event.id > position)
  if (fresh.length === 0) return true
  subscriber.position = fresh.at(-1)?.id ?? position
  return subscriber.deliver(fresh)
}
