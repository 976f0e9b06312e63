import { createHash, randomBytes } from 'node:crypto'
import type { Db, SessionRow } from './tables.ts'

export interface NewSession {
  readonly kind: SessionRow['kind']
  readonly subjectId: string
  /** Epoch milliseconds. */
  readonly now: number
  readonly lifetimeMs: number
  /** The id of the session in whose place it comes, if the visitor has one. */
  readonly before: string | undefined
}

/**
 * Begins a session and gives its id, which goes into a cookie and nowhere else: the store keeps a
 * hash.
 */
export async function beginSession (
  db: Db,
  { kind, subjectId, now, lifetimeMs, before }: NewSession
): Promise<string> {
  // A new id at every sign-in: one that somebody planted before is worth nothing after.
  if (before !== undefined) await endSession(db, before)
  const id = randomBytes(32).toString('base64url')
  await db.deleteFrom('sessions').where('expires_at', '<=', now).execute()
  await db.insertInto('sessions').values({
    id_hash: hash(id),
    kind,
    subject_id: subjectId,
    created_at: now,
    expires_at: now + lifetimeMs
  }).execute()
  return id
}

/** The session behind a cookie, unless it is of another kind, over, or none. */
export async function sessionById (
  db: Db,
  id: string,
  kind: SessionRow['kind'],
  now: number
): Promise<SessionRow | undefined> {
  return await db.selectFrom('sessions').selectAll()
    .where('id_hash', '=', hash(id)).where('kind', '=', kind).where('expires_at', '>', now)
    .executeTakeFirst()
}

export async function endSession (db: Db, id: string): Promise<void> {
  await db.deleteFrom('sessions').where('id_hash', '=', hash(id)).execute()
}

/** A session id has 256 random bits: a plain hash hides it. */
function hash (id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
