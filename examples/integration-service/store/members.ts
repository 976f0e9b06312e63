import type { Db, MemberRow } from './tables.ts'

export async function memberByLogin (db: Db, login: string): Promise<MemberRow | undefined> {
  return await db.selectFrom('members').selectAll().where('login', '=', login).executeTakeFirst()
}

export async function memberById (db: Db, id: string): Promise<MemberRow | undefined> {
  return await db.selectFrom('members').selectAll().where('id', '=', id).executeTakeFirst()
}

/** What is known of a member who has said nothing yet. */
export type NewMember = Omit<MemberRow, 'own_name' | 'own_email' | 'own_phone'>

/** Adds the member; one that has this login already stays as it is. */
export async function addMember (db: Db, member: NewMember): Promise<void> {
  const nothing = { own_name: null, own_email: null, own_phone: null }
  await db.insertInto('members').values({ ...nothing, ...member }).onConflict(conflict =>
    conflict.column('login').doNothing()
  ).execute()
}

/** What a member says of himself or herself. */
export type OwnWords = Pick<MemberRow, 'name' | 'email' | 'phone'>

/** Keeps what a member says where it differs from what is known, and changes nothing of that. */
export async function keepOwnWords (db: Db, member: MemberRow, said: OwnWords): Promise<void> {
  const { id, name, email, phone } = member
  await db.updateTable('members').set({
    own_name: said.name === name ? null : said.name,
    own_email: said.email === email ? null : said.email,
    own_phone: said.phone === phone ? null : said.phone
  }).where('id', '=', id).execute()
}

/** A member as he or she wants to be seen. */
export function ownWordsOf (
  { name, email, phone, own_name: ownName, own_email: ownEmail, own_phone: ownPhone }: MemberRow
): OwnWords {
  return { name: ownName ?? name, email: ownEmail ?? email, phone: ownPhone ?? phone }
}
