import { randomBytes } from 'node:crypto'
import { StoreUnavailable } from './errors.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Db } from './tables.ts'

/** Milliseconds that a commit may wait before the store counts as unavailable. */
const pendingMs = 2000

/** Milliseconds for which a result is reused, so that requests cannot keep the disk busy. */
const freshMs = 1000

/** More than our work needs, so that the check fails when the disk is too full for work. */
const triedBytes = 16 * 1024

export interface Probes {
  read(): Promise<unknown>
  write(): Promise<unknown>
}

/** Whether the store can read and write, judged by its last transaction or else by a test write. */
export function healthOf (commits: GroupCommit, { read, write }: Probes): () => Promise<void> {
  let asked: { at: number, answer: Promise<void> } | null = null
  let isLooking = false

  return async function ping () {
    if (commits.oldestMs > pendingMs) {
      throw new StoreUnavailable({ cause: new Error('a write has been waiting for too long') })
    }
    if (asked === null || (!isLooking && performance.now() - asked.at > freshMs)) {
      asked = { at: performance.now(), answer: look() }
      asked.answer.catch(() => {})
    }
    await asked.answer
    if (!commits.last.ok) {
      throw new StoreUnavailable({ cause: new Error('the last write failed') })
    }
  }

  async function look (): Promise<void> {
    isLooking = true
    try {
      await read()
      const { ok, at } = commits.last
      if (!ok || performance.now() - at > freshMs) await write()
    } finally {
      isLooking = false
    }
  }
}

/** Writes a row and rolls back. The text does not compress, and nobody reads the row. */
export async function tryDisk (db: Db): Promise<void> {
  const row = { call_serial_no: randomBytes(16).toString('hex'), kind: 'readiness' }
  await db.insertInto('call_callbacks').values({
    ...row,
    body: randomBytes(triedBytes / 2).toString('hex'),
    received_at: 0
  }).execute()
  await db.deleteFrom('call_callbacks')
    .where('call_serial_no', '=', row.call_serial_no).where('kind', '=', row.kind).execute()
}
