import { randomUUID } from 'node:crypto'
import { rootFields, type ChatSession } from 'fastify-contact-center/itx-chat'
import { keepNewest } from '../shared/keep-newest.ts'

export interface Message {
  /** Counts from 1 within its chat. */
  id: number
  from: 'customer' | 'agent'
  /** Epoch milliseconds. */
  at: number
  text: string
}

/** A chat as the portal's agent sees it. */
export interface Chat {
  /** Random: whoever has it is the customer of this chat. */
  id: string
  /** Whether the hash matched. If not, the agent is warned, and the customer chats all the same. */
  verified: boolean
  /** False where hash verification is switched off: nothing is known then. */
  checked: boolean
  /** The chat configuration that the page got; null where nobody said which page it is. */
  configuration: string | null
  /** Covered by the hash, as are the root values; believed only if `verified`. */
  verifiedData: Record<string, unknown>
  root: Record<string, unknown>
  /** What the page said without a hash. */
  unverifiedData: Record<string, unknown>
  messages: Message[]
}

/** What came of the hash. */
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
      ...coveredOf(session),
      unverifiedData: session.unverifiedData ?? {},
      messages: []
    }
    keepNewest(this.#chats, chat.id, chat, limit)
    return chat
  }

  /** What was covered before goes: the new hash says nothing about it. */
  identify (chat: Chat, session: ChatSession, { verified, checked }: Check): void {
    Object.assign(chat, coveredOf(session), { verified, checked })
  }

  say (chat: Chat, from: Message['from'], text: string): Message {
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

function coveredOf (session: ChatSession): Pick<Chat, 'verifiedData' | 'root'> {
  const root = rootFields.map(field => [field, session[field] ?? '']).filter(([, value]) =>
    value !== ''
  )
  return {
    verifiedData: session.verifiedData ?? {},
    root: Object.fromEntries(root) as Record<string, unknown>
  }
}
