import type { Db, MemberRow } from './tables.ts'

export async function memberByLogin (db: Db, login: string): Promise<MemberRow | undefined> {
  return await db.selectFrom('members').selectAll().where('login', '=', login).executeTakeFirst()
}

export async function memberById (db: Db, id: string): Promise<MemberRow | undefined> {
  return await db.selectFrom('members').selectAll().where('id', '=', id).executeTakeFirst()
}

/** A member who has not entered anything yet. */
export type NewMember = Omit<MemberRow, 'own_name' | 'own_email' | 'own_phone'>

/** Adds the member. An existing member with this login is not changed. */
export async function addMember (db: Db, member: NewMember): Promise<void> {
  const noEntries = { own_name: null, own_email: null, own_phone: null }
  await db.insertInto('members').values({ ...noEntries, ...member }).onConflict(conflict =>
    conflict.column('login').doNothing()
  ).execute()
}

/** What members enter about themselves. */
export type OwnEntries = Pick<MemberRow, 'name' | 'email' | 'phone'>

/**
 * Stores what the member enters where it differs from the confirmed data, which stays unchanged.
 */
export async function saveOwnEntries (
  db: Db,
  member: MemberRow,
  entries: OwnEntries
): Promise<void> {
  const { id, name, email, phone } = member
  await db.updateTable('members').set({
    own_name: entries.name === name ? null : entries.name,
    own_email: entries.email === email ? null : entries.email,
    own_phone: entries.phone === phone ? null : entries.phone
  }).where('id', '=', id).execute()
}

/** The member's data, own entries preferred. */
export function getOwnEntries (
  { name, email, phone, own_name: ownName, own_email: ownEmail, own_phone: ownPhone }: MemberRow
): OwnEntries {
  return { name: ownName ?? name, email: ownEmail ?? email, phone: ownPhone ?? phone }
}
