import type { Db, MemberRow } from './tables.ts'

export async function memberByLogin (db: Db, login: string): Promise<MemberRow | undefined> {
  return await db.selectFrom('members').selectAll().where('login', '=', login).executeTakeFirst()
}

export async function memberById (db: Db, id: string): Promise<MemberRow | undefined> {
  return await db.selectFrom('members').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Adds the member; one that has this login already stays as it is. */
export async function addMember (db: Db, member: MemberRow): Promise<void> {
  await db.insertInto('members').values(member).onConflict(conflict =>
    conflict.column('login').doNothing()
  ).execute()
}

/** Changes what a member may change. */
export async function updateMember (
  db: Db,
  id: string,
  changes: Partial<Pick<MemberRow, 'name' | 'email' | 'phone'>>
): Promise<void> {
  await db.updateTable('members').set(changes).where('id', '=', id).execute()
}
