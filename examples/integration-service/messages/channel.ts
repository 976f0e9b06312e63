import type { ChannelName } from '../store/index.ts'

/** A message on its way out. */
export interface Outgoing {
  /** Ours, a UUID. */
  readonly id: string
  /** Whom it goes to, by the vendor's name. */
  readonly contactId: string
  readonly text: string
  /** For one answer to what the contact has just written, where the channel has such a thing. */
  readonly replyToken: string | null
}

/** How agents' messages leave by one vendor. */
export interface Channel {
  readonly name: ChannelName
  /** Characters that the vendor takes in one text. */
  readonly maximumLength: number
  /** Milliseconds after a contact's message in which one may answer; null: at any time. */
  readonly windowMs: number | null
  /** Milliseconds for which a reply token counts; null: there is none. */
  readonly replyTokenMs: number | null
  /**
   * Resolves with the vendor's name for the message once the vendor has taken it.
   * @throws {NotSent} the vendor has not taken it
   * @throws {Uncertain} nobody knows
   */
  send(message: Outgoing): Promise<string>
}

/** The vendor has not taken the message. `reason` is its code, or our own word. */
export class NotSent extends Error {
  readonly reason: string

  constructor (reason: string, options?: ErrorOptions) {
    super(`the vendor did not accept the message: ${reason}`, options)
    this.reason = reason
  }
}

/** There was no answer that tells: the vendor may have taken the message. */
export class Uncertain extends Error {
  constructor (options?: ErrorOptions) {
    super('it is unknown whether the vendor accepted the message', options)
  }
}
