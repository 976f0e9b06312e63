import { createHash } from 'node:crypto'
import type { Visit } from '../members/session.ts'
import { chatById, endChats, saveChat } from '../store/chats.ts'
import { saveEntry } from '../store/customer-entries.ts'
import type { Change, ChatRow, MemberRow, Store } from '../store/index.ts'

/**
 * A member's data for the portal and its agents. Only data confirmed by the company is signed: the
 * portal looks up customers by it, so a member who could edit it could pose as somebody else. The
 * member's own entries are sent as unverified.
 */
export function sessionDataOf (member: MemberRow) {
  const { name, email, phone, member_no: memberNo } = member
  const unverifiedData = {
    ...member.own_name !== null && { name: member.own_name },
    ...member.own_email !== null && { email: member.own_email },
    ...member.own_phone !== null && { phoneNumber: member.own_phone }
  }
  return {
    verifiedData: { name, email, phoneNumber: phone, ...memberNo !== null && { memberNo } },
    ...Object.keys(unverifiedData).length > 0 && { unverifiedData }
  }
}

/**
 * Records that a session was signed for this member, and notifies the desks of changes. Whether the
 * portal received and accepted the session is unknown here.
 */
export async function recordSignedChat (
  store: Store,
  { member, session }: Visit,
  now: number
): Promise<void> {
  const chat: ChatRow = {
    id: chatIdOf(member.id),
    member_id: member.id,
    name: member.name,
    verified: 1,
    data: JSON.stringify(sessionDataOf(member)),
    created_at: now,
    updated_at: now,
    ends_at: session.expires_at
  }
  // Reloading the page must not notify every desk again.
  const storedChat = await store.read(db => chatById(db, chat.id))
  if (storedChat !== undefined && isUnchanged(storedChat, chat)) return
  await store.commit(async ({ db, publish }) => {
    await saveChat(db, chat)
    await saveEntry(db, {
      // One per sign-in, however often its page is loaded.
      id: `chat-${chatIdOf(session.id_hash)}`,
      customer_number: member.phone,
      kind: 'chat',
      at: now,
      data: JSON.stringify({ memberId: member.id })
    })
    publish('chat.signed', { chatId: chat.id })
  })
}

/** Whether the same data is stored, and for as long: a member may be signed in more than once. */
function isUnchanged (storedChat: ChatRow, chat: ChatRow): boolean {
  return storedChat.verified === chat.verified && storedChat.data === chat.data &&
    storedChat.ends_at !== null && chat.ends_at !== null && storedChat.ends_at >= chat.ends_at
}

/** Ends the member's chats at sign-out. */
export async function recordEndedChats (
  { db, publish }: Change,
  memberId: string,
  now: number
): Promise<void> {
  for (const chatId of await endChats(db, memberId, now)) publish('chat.ended', { chatId })
}

/** One conversation per member, however often it is opened. The id does not reveal its source. */
function chatIdOf (source: string): string {
  return createHash('sha256').update(`chat ${source}`).digest('base64url').slice(0, 22)
}
