import type { Kysely } from 'kysely'

/**
 * One schema for SQLite and PostgreSQL. Times are epoch milliseconds; vendors' ids are
 * text, because 19 digits do not fit a double; flags are 0 or 1; JSON is text.
 */
export interface Tables {
  customers: CustomerRow
  calls: CallRow
  call_callbacks: CallbackRow
  agents: AgentRow
  members: MemberRow
  sessions: SessionRow
  expiring_entries: ExpiringEntryRow
  chats: ChatRow
  events: EventRow
  event_sequence: { only: number, last: number }
  call_aliases: { vendor_serial_no: string, call_serial_no: string }
  wrap_ups: WrapUpRow
  customer_entries: CustomerEntryRow
  agent_states: AgentStateRow
  refusals: RefusalRow
  customer_names: { word: string, phone: string }
  conversations: ConversationRow
  messages: MessageRow
  message_statuses: MessageStatusRow
}

/** The whole store, a connection, or a transaction: what repositories read and write through. */
export type Db = Kysely<Tables>

export interface CustomerRow {
  id: string
  name: string
  /** E.164. */
  phone: string
  email: string | null
  note: string | null
  created_at: number
}

export interface CallRow {
  call_serial_no: string
  /** Who dialled or accepted; null until then, or when the call is not ours. */
  agent_id: string | null
  caller: string | null
  called: string | null
  /** The customer's side, E.164 where it is a number at all. */
  customer_number: string | null
  /**
   * The caller's number where this is the one call that rings for it; null for another call from
   * that number, which its vendor has named.
   */
  ring_number: string | null
  /** Who called whom; null is outbound. */
  direction: 'inbound' | 'outbound' | null
  /** 1 dialling or ringing, 2 connected, 3 released: it only grows, in whatever order we hear. */
  stage: number
  /** Why we count it as over where no vendor said so. */
  closed: 'missed' | 'answered-elsewhere' | 'agent' | 'silence' | null
  /** When an agent took it. */
  accepted_at: number | null
  release_reason: string | null
  talk_seconds: string | null
  created_at: number
  connected_at: number | null
  released_at: number | null
}

export interface CallbackRow {
  call_serial_no: string
  kind: string
  /** As received, JSON. */
  body: string
  received_at: number
}

export interface AgentRow {
  id: string
  login: string
  name: string
  password_hash: string
  /** What createCall rings first. */
  phone: string
  /** The agent's login at Oracle CSC. */
  csc_username: string
  role: 'agent' | 'supervisor'
  /** Since when nobody can sign in as this agent; null: one can. */
  disabled_at: number | null
  created_at: number
}

/** What an agent says of himself or herself, for as long as a session lasts. */
export interface AgentStateRow {
  agent_id: string
  state: 'available' | 'away'
  /** Why away. */
  reason: string | null
  since: number
}

/** What an agent wrote when a call was over. */
export interface WrapUpRow {
  call_serial_no: string
  agent_id: string
  disposition: string
  note: string
  written_at: number
}

/** What happened with a customer, apart from calls. */
export interface CustomerEntryRow {
  id: string
  /** E.164. */
  customer_number: string
  kind: 'note' | 'chat' | 'help-centre' | 'messages'
  at: number
  /** JSON. */
  data: string
}

/** Requests of one minute that were refused for one reason. */
export interface RefusalRow {
  /** Epoch minutes. */
  minute: number
  vendor: string
  code: string
  count: number
}

export interface MemberRow {
  id: string
  login: string
  /** As the company knows the member, like e-mail and phone: this is what is signed. */
  name: string
  email: string
  phone: string
  /** What the member says instead of it, and nobody has confirmed; null where nothing else. */
  own_name: string | null
  own_email: string | null
  own_phone: string | null
  member_no: string | null
  password_hash: string
  created_at: number
}

export interface SessionRow {
  /** SHA-256 of the cookie, so that the table is of no use to a thief. */
  id_hash: string
  kind: 'agent' | 'member'
  subject_id: string
  created_at: number
  expires_at: number
}

/** A replay claim, or an issued token with its member's id. */
export interface ExpiringEntryRow {
  /** SHA-256, hex. */
  id: string
  value: string
  expires_at: number
}

export interface ChatRow {
  id: string
  member_id: string | null
  name: string
  verified: number
  /** What the page was told, JSON. */
  data: string
  created_at: number
  updated_at: number
  /** When the member's session ends, or has ended. */
  ends_at: number | null
}

export interface EventRow {
  id: number
  kind: string
  /** JSON. */
  data: string
  created_at: number
}

export type ChannelName = 'whatsapp' | 'line'

/** All that one contact and the company have written to each other by one channel. */
export interface ConversationRow {
  id: string
  channel: ChannelName
  /** The vendor's: digits of a number at WhatsApp, a user id at LINE. */
  contact_id: string
  /** The name that the contact chose; unconfirmed. */
  contact_name: string | null
  /** Of the customer, E.164; null where nobody knows. */
  customer_number: string | null
  /** The agent who linked the customer; null where the vendor vouches for the number. */
  linked_by: string | null
  /** LINE's, for one answer within a minute, and when it came. */
  reply_token: string | null
  reply_token_at: number | null
  /** Of the newest message from the contact. */
  last_in_at: number | null
  /** Of the newest message, whoever wrote it. */
  last_at: number
  created_at: number
}

export interface MessageRow {
  id: string
  conversation_id: string
  channel: ChannelName
  /** Null for one of ours that the vendor has not named. */
  vendor_id: string | null
  /** Who wrote it for the company; null: it is the contact's. */
  agent_id: string | null
  /** `text`, or the vendor's word for what it is. */
  kind: string
  text: string
  /** See `statuses`: it only grows. */
  status: number
  /** Why it was not delivered: the vendor's code, or our own word. */
  error: string | null
  /** When it was written. */
  at: number
  /** When we heard of it, in thousandths of a millisecond: of two of one moment, the order. */
  arrived: number
}

/** What a vendor last said of a message of the company's. */
export interface MessageStatusRow {
  channel: ChannelName
  vendor_id: string
  status: number
  error: string | null
  at: number
}
