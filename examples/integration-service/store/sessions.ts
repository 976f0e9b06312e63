import { createHash, randomBytes } from 'node:crypto'
import type { Db, SessionRow } from './tables.ts'

export interface NewSession {
  readonly kind: SessionRow['kind']
  readonly subjectId: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly lifetimeMs: number
  /** The id of the session to replace, if the visitor has one. */
  readonly previousId: string | undefined
}

/** Creates a session and returns its id, which is sent only in a cookie: the store holds a hash. */
export async function beginSession (
  db: Db,
  { kind, subjectId, now, lifetimeMs, previousId }: NewSession
): Promise<string> {
  // A new id at every sign-in prevents session fixation.
  if (previousId !== undefined) await endSession(db, previousId)
  const id = randomBytes(32).toString('base64url')
  await db.deleteFrom('sessions').where('expires_at', '<=', now).execute()
  await db.insertInto('sessions').values({
    id_hash: hashId(id),
    kind,
    subject_id: subjectId,
    created_at: now,
    expires_at: now + lifetimeMs
  }).execute()
  return id
}

/** The session of a cookie, if it exists, is of this kind and has not expired. */
export async function sessionById (
  db: Db,
  id: string,
  kind: SessionRow['kind'],
  now: number
): Promise<SessionRow | undefined> {
  return await db.selectFrom('sessions').selectAll()
    .where('id_hash', '=', hashId(id)).where('kind', '=', kind).where('expires_at', '>', now)
    .executeTakeFirst()
}

export async function endSession (db: Db, id: string): Promise<void> {
  await db.deleteFrom('sessions').where('id_hash', '=', hashId(id)).execute()
}

/** A session id has 256 random bits: a plain hash is enough. */
function hashId (id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
