import { createHash } from 'node:crypto'
import type { Change } from '../store/index.ts'
import { endChats, outdateChats, saveChat } from '../store/chats.ts'
import { saveEntry } from '../store/customer-entries.ts'
import type { Visit } from '../members/session.ts'

/** What the portal and its agent are told of a member, before it is signed. */
export function verifiedDataOf ({ name, email, phone, member_no: memberNo }: Visit['member']) {
  return { name, email, phoneNumber: phone, ...memberNo !== null && { memberNo } }
}

/**
 * Keeps that a session was signed for this member, and tells the desks. It is all that we
 * know: whether the portal was shown the session, and what it made of it, only the portal knows.
 */
export async function recordSigned (
  { db, publish }: Change,
  { member, session }: Visit,
  now: number
): Promise<void> {
  const id = chatIdOf(member.id)
  await saveChat(db, {
    id,
    member_id: member.id,
    name: member.name,
    verified: 1,
    data: JSON.stringify(verifiedDataOf(member)),
    created_at: now,
    updated_at: now,
    ends_at: session.expires_at
  })
  await saveEntry(db, {
    // One a sign-in, however often its page is loaded.
    id: `chat-${chatIdOf(session.id_hash)}`,
    customer_number: verifiedDataOf(member).phoneNumber,
    kind: 'chat',
    at: now,
    data: JSON.stringify({ memberId: member.id })
  })
  publish('chat.signed', { chatId: id })
}

/**
 * The account has changed since the member's sessions were signed: until a page has a new one,
 * agents are to be careful.
 */
export async function markOutdated (
  { db, publish }: Change,
  memberId: string,
  now: number
): Promise<void> {
  for (const chatId of await outdateChats(db, memberId, now)) publish('chat.outdated', { chatId })
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
