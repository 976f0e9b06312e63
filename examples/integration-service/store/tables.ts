import type { Kysely } from 'kysely'

/**
 * One schema for SQLite and PostgreSQL. Times are epoch milliseconds; vendors' ids are text,
 * because 19 digits do not fit a double; flags are 0 or 1; JSON is text.
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

/** The whole store, a connection, or a transaction, for repositories. */
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
  /** The agent who dialled or accepted; null until then, or if the call is not ours. */
  agent_id: string | null
  caller: string | null
  called: string | null
  /** The customer's number, in E.164 if it is a valid number. */
  customer_number: string | null
  /**
   * The caller's number, on the one call that rings for it; null on further calls from that number
   * that have a vendor's id.
   */
  ring_number: string | null
  /** The call's direction; null is outbound. */
  direction: 'inbound' | 'outbound' | null
  /** 1 dialling or ringing, 2 connected, 3 released. It only increases, in any order of arrival. */
  stage: number
  /** Why we closed the call, if no vendor ended it. */
  closed: 'missed' | 'answered-elsewhere' | 'agent' | 'silence' | null
  /** When an agent accepted it. */
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
  /** The agent's telephone, which createCall rings first. */
  phone: string
  /** The agent's login at Oracle CSC. */
  csc_username: string
  role: 'agent' | 'supervisor'
  /** When the agent was disabled; null if enabled. */
  disabled_at: number | null
  created_at: number
}

/** The state that an agent has set, for as long as the session lasts. */
export interface AgentStateRow {
  agent_id: string
  state: 'available' | 'away'
  /** Why the agent is away. */
  reason: string | null
  since: number
}

/** An agent's wrap-up of a call. */
export interface WrapUpRow {
  call_serial_no: string
  agent_id: string
  disposition: string
  note: string
  written_at: number
}

/** A customer's timeline, without calls. */
export interface CustomerEntryRow {
  id: string
  /** E.164. */
  customer_number: string
  kind: 'note' | 'chat' | 'help-centre' | 'messages'
  at: number
  /** JSON. */
  data: string
}

/** Refused requests per minute and reason. */
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
  /** Confirmed by the company, like e-mail and phone: this is what is signed. */
  name: string
  email: string
  phone: string
  /** The member's own, unconfirmed entry; null if it does not differ. */
  own_name: string | null
  own_email: string | null
  own_phone: string | null
  member_no: string | null
  password_hash: string
  created_at: number
}

export interface SessionRow {
  /** SHA-256 of the cookie, so that a stolen table is useless. */
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
  /** The data that the page received, JSON. */
  data: string
  created_at: number
  updated_at: number
  /** When the member's session ends or ended. */
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

/** All messages between a contact and the company on one channel. */
export interface ConversationRow {
  id: string
  channel: ChannelName
  /** The vendor's id: a WhatsApp number in digits, or a LINE user id. */
  contact_id: string
  /** The name that the contact chose; unconfirmed. */
  contact_name: string | null
  /** The customer's number, E.164; null if unknown. */
  customer_number: string | null
  /** The agent who linked the customer; null if the vendor verified the number. */
  linked_by: string | null
  /** LINE's reply token, for one answer within a minute, and when it arrived. */
  reply_token: string | null
  reply_token_at: number | null
  /** Time of the newest message from the contact. */
  last_in_at: number | null
  /** Time of the newest message in either direction. */
  last_at: number
  created_at: number
}

export interface MessageRow {
  id: string
  conversation_id: string
  channel: ChannelName
  /** Null for a message of ours without a vendor's id. */
  vendor_id: string | null
  /** The agent who wrote it; null for the contact's messages. */
  agent_id: string | null
  /** `text`, or the vendor's type. */
  kind: string
  text: string
  /** See `statuses`. It only increases. */
  status: number
  /** Why it was not delivered: the vendor's code, or our own. */
  error: string | null
  /** When it was written. */
  at: number
  /** When we received it, in microseconds, to order messages of the same moment. */
  arrived: number
}

/** A vendor's latest status of a company's message. */
export interface MessageStatusRow {
  channel: ChannelName
  vendor_id: string
  status: number
  error: string | null
  at: number
}
