import { randomUUID } from 'node:crypto'
import { rootFields, type ChatSession } from 'fastify-contact-center/itx-chat'
import { keepNewest } from '../shared/keep-newest.ts'

export interface Message {
  /** Starts at 1 in each chat. */
  id: number
  from: 'customer' | 'agent'
  /** Epoch milliseconds. */
  at: number
  text: string
}

/** A chat in the agent's view. */
export interface Chat {
  /** Random: it authenticates the customer of this chat. */
  id: string
  /** Whether the hash matched. If not, the agent gets a warning, but the chat continues. */
  verified: boolean
  /** False if hash verification is off; the hash is then unchecked. */
  checked: boolean
  /** The chat configuration for the page; null if the page is unknown. */
  configuration: string | null
  /** Covered by the hash, as are the root values. Trusted only if `verified`. */
  verifiedData: Record<string, unknown>
  root: Record<string, unknown>
  /** Data sent without a hash. */
  unverifiedData: Record<string, unknown>
  messages: Message[]
}

/** The result of the hash check. */
export type Check = Pick<Chat, 'verified' | 'checked'>

const limit = 500

/** The newest chats. */
export class Chats {
  readonly #chats = new Map<string, Chat>()
  readonly #now: () => number

  constructor (now: () => number) {
    this.#now = now
  }

  open (
    session: ChatSession,
    { verified, checked }: Check,
    configuration: string | null = null
  ): Chat {
    const chat: Chat = {
      id: randomUUID(),
      verified,
      checked,
      configuration,
      ...pickCovered(session),
      unverifiedData: session.unverifiedData ?? {},
      messages: []
    }
    keepNewest(this.#chats, chat.id, chat, limit)
    return chat
  }

  /** Discards the data verified before: the new hash does not cover it. */
  identify (chat: Chat, session: ChatSession, { verified, checked }: Check): void {
    Object.assign(chat, pickCovered(session), { verified, checked })
  }

  addMessage (chat: Chat, from: Message['from'], text: string): Message {
    const message: Message = {
      id: (chat.messages.at(-1)?.id ?? 0) + 1,
      from,
      at: this.#now(),
      text
    }
    chat.messages.push(message)
    if (chat.messages.length > limit) chat.messages.shift()
    return message
  }

  get (id: string): Chat | undefined {
    return this.#chats.get(id)
  }

  /** Oldest first. */
  all (): Chat[] {
    return [...this.#chats.values()]
  }
}

function pickCovered (session: ChatSession): Pick<Chat, 'verifiedData' | 'root'> {
  const root = rootFields.map(field => [field, session[field] ?? '']).filter(([, value]) =>
    value !== ''
  )
  return {
    verifiedData: session.verifiedData ?? {},
    root: Object.fromEntries(root) as Record<string, unknown>
  }
}
