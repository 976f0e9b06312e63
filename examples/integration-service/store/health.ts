import { randomBytes } from 'node:crypto'
import { StoreUnavailable } from './errors.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Db } from './tables.ts'

/** Milliseconds that a commit may wait before the store counts as unavailable. */
const maximumPendingMs = 2000

/** Milliseconds for which a result is reused, so that requests cannot keep the disk busy. */
const reuseMs = 1000

/** More than our work needs, so that the check fails when the disk is too full for work. */
const testBytes = 16 * 1024

export interface Probes {
  read(): Promise<unknown>
  write(): Promise<unknown>
}

/** Whether the store can read and write, judged by its last transaction or else by a test write. */
export function createPing (commits: GroupCommit, { read, write }: Probes): () => Promise<void> {
  let lastCheck: { at: number, answer: Promise<void> } | null = null
  let isChecking = false

  return async function ping () {
    if (commits.oldestMs > maximumPendingMs) {
      throw new StoreUnavailable({ cause: new Error('a write has been waiting for too long') })
    }
    if (lastCheck === null || (!isChecking && performance.now() - lastCheck.at > reuseMs)) {
      lastCheck = { at: performance.now(), answer: check() }
      lastCheck.answer.catch(() => {})
    }
    await lastCheck.answer
    if (!commits.last.ok) {
      throw new StoreUnavailable({ cause: new Error('the last write failed') })
    }
  }

  async function check (): Promise<void> {
    isChecking = true
    try {
      await read()
      const { ok, at } = commits.last
      if (!ok || performance.now() - at > reuseMs) await write()
    } finally {
      isChecking = false
    }
  }
}

/** Writes a row and rolls back. The text does not compress, and nobody reads the row. */
export async function testDisk (db: Db): Promise<void> {
  const row = { call_serial_no: randomBytes(16).toString('hex'), kind: 'readiness' }
  await db.insertInto('call_callbacks').values({
    ...row,
    body: randomBytes(testBytes / 2).toString('hex'),
    received_at: 0
  }).execute()
  await db.deleteFrom('call_callbacks')
    .where('call_serial_no', '=', row.call_serial_no).where('kind', '=', row.kind).execute()
}
