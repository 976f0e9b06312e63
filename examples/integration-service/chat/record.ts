import { createHash } from 'node:crypto'
import type { Visit } from '../members/session.ts'
import { chatById, endChats, saveChat } from '../store/chats.ts'
import { saveEntry } from '../store/customer-entries.ts'
import type { Change, ChatRow, MemberRow, Store } from '../store/index.ts'

/**
 * What the portal and its agent are told of a member. Signed is what the company has confirmed:
 * the portal looks customers up by it, and a member who could write it would be looked up as
 * somebody else. What the member says of himself or herself goes beside it, as such.
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
 * Keeps that a session was signed for this member, and tells the desks, unless they know. It is
 * all that we know: whether the portal was shown the session, and what it made of it, only the
 * portal knows.
 */
export async function recordSigned (
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
  // Whoever loads the page again and again must not keep every desk busy.
  const known = await store.read(db => chatById(db, chat.id))
  if (known !== undefined && says(known, chat)) return
  await store.commit(async ({ db, publish }) => {
    await saveChat(db, chat)
    await saveEntry(db, {
      // One a sign-in, however often its page is loaded.
      id: `chat-${chatIdOf(session.id_hash)}`,
      customer_number: member.phone,
      kind: 'chat',
      at: now,
      data: JSON.stringify({ memberId: member.id })
    })
    publish('chat.signed', { chatId: chat.id })
  })
}

/** Whether it is known already, and for as long: a member may be signed in at several places. */
function says (known: ChatRow, chat: ChatRow): boolean {
  return known.verified === chat.verified && known.data === chat.data &&
    known.ends_at !== null && chat.ends_at !== null && known.ends_at >= chat.ends_at
}

/** The member has signed out. */
export async function recordEnded (
  { db, publish }: Change,
  memberId: string,
  now: number
): Promise<void> {
  for (const chatId of await endChats(db, memberId, now)) publish('chat.ended', { chatId })
}

/** One conversation a member, however often it is opened. Says nothing of what it is made from. */
function chatIdOf (source: string): string {
  return createHash('sha256').update(`chat ${source}`).digest('base64url').slice(0, 22)
}
