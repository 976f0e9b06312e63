import type { ChannelName } from '../store/index.ts'

/** An outgoing message. */
export interface Outgoing {
  /** Ours, a UUID. */
  readonly id: string
  /** The recipient's id at the vendor. */
  readonly contactId: string
  readonly text: string
  /** The token for one answer to the contact's latest message, if the channel has such tokens. */
  readonly replyToken: string | null
}

/** Sends agents' messages through one vendor. */
export interface Channel {
  readonly name: ChannelName
  /** Maximum characters of a text. */
  readonly maximumLength: number
  /** Milliseconds after a contact's message in which answers are allowed; null: no limit. */
  readonly windowMs: number | null
  /** Lifetime of a reply token in milliseconds; null: the channel has none. */
  readonly replyTokenMs: number | null
  /**
   * Resolves with the vendor's message id once the vendor has accepted the message.
   * @throws {NotSent} if the vendor has not accepted it
   * @throws {Uncertain} if the outcome is unknown
   */
  send(message: Outgoing): Promise<string>
}

/** The vendor has not accepted the message. `reason` is its code, or our own. */
export class NotSent extends Error {
  readonly reason: string

  constructor (reason: string, options?: ErrorOptions) {
    super(`the vendor did not accept the message: ${reason}`, options)
    this.reason = reason
  }
}

/** No conclusive answer: the vendor may have accepted the message. */
export class Uncertain extends Error {
  constructor (options?: ErrorOptions) {
    super('it is unknown whether the vendor accepted the message', options)
  }
}
