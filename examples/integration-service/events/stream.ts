import { Readable } from 'node:stream'
import type { EventRow } from '../store/index.ts'
import type { Subscriber } from './feed.ts'

/**
 * Unread bytes at which a browser counts as disconnected. It reconnects and resumes; we do not keep
 * its backlog in memory.
 */
const slowConsumerBytes = 1024 * 1024

/** Unread bytes above which sending a backlog pauses. */
const roomBytes = 64 * 1024

/** Milliseconds after which a browser reconnects. */
const retryMs = 1000

/** Server-sent events for one browser. */
export class EventStream extends Readable implements Subscriber {
  position: number
  readonly #onSent: (event: EventRow) => void
  #wake: () => void = () => {}
  #isFinished = false

  constructor (position: number, onSent: (event: EventRow) => void = () => {}) {
    super({ highWaterMark: roomBytes })
    this.position = position
    this.#onSent = onSent
    // Send something at once, so that the browser and every proxy see the response begin. The id
    // lets a browser that received no event resume here.
    this.push(`retry: ${retryMs}\nid: ${position}\n\n`)
  }

  override _read (): void {
    this.#wake()
  }

  override _destroy (error: Error | null, done: (error: Error | null) => void): void {
    this.#wake()
    done(error)
  }

  async waitForRoom (): Promise<void> {
    if (this.readableLength < roomBytes || this.destroyed) return
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
  }

  deliver (events: readonly EventRow[]): boolean {
    if (this.destroyed || this.#isFinished) return false
    for (const event of events) {
      this.push(`id: ${event.id}\nevent: ${event.kind}\ndata: ${event.data}\n\n`)
      this.#onSent(event)
    }
    if (this.readableLength <= slowConsumerBytes) return true
    this.destroy()
    return false
  }

  /**
   * Keeps proxies from closing the connection. An event, because browsers hide comments from the
   * page, which would not notice a dead connection.
   */
  sendHeartbeat (): void {
    if (!this.destroyed && !this.#isFinished) this.push('event: beat\ndata: {}\n\n')
  }

  /** Ends the stream after the pending data; accepts nothing more. */
  finish (): void {
    if (this.destroyed || this.#isFinished) return
    this.#isFinished = true
    this.push(null)
  }
}
