import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { missing } from '../../test/real-parts.ts'
import {
  assertKept,
  load,
  post,
  releaseCallback,
  startProcess
} from '../../test/integration-service/processes.ts'

/**
 * A small file system, or null if this process may not mount one. It has room for all callbacks of
 * this test, even on a fast machine.
 */
function mountSmallDisk (t: Test): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'full-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder])
  t.after(() => {
    if (status === 0) spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return status === 0 ? folder : null
}

/** Writes until not even one byte fits. */
function fill (file: string): void {
  for (const bytes of [65_536, 4096, 512, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

/** Polls for half a minute. Returns false if the condition never holds. */
async function waitUntil (condition: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const until = Date.now() + 30_000; Date.now() < until; await sleep(20)) {
    if (await condition()) return true
  }
  return false
}

const answers = (url: string, status: number): Promise<boolean> =>
  waitUntil(async () => (await fetch(url)).status === status)

t.test('S8: refuses callbacks while the disk is full, and recovers', async t => {
  const folder = mountSmallDisk(t)
  // Only root can mount, and root in a container may not.
  const isRoot = process.getuid?.() === 0
  const skipReason = folder === null && (isRoot
    ? await missing('the right to mount a tmpfs', () => false)
    : 'only root may mount a small disk')
  if (folder === null || skipReason !== false) {
    return t.pass('skipped', { skip: String(skipReason) })
  }
  const DATABASE_URL = `file:${join(folder, 'store.db')}`
  const filler = join(folder, 'filler')
  const service = await startProcess(t, { DATABASE_URL })
  const posting = load(service.url)
  const acknowledges = (count: number) => waitUntil(() => posting.acknowledged.length >= count)
  t.ok(await acknowledges(30), 'works')
  const refused: string[] = []
  for (let round = 1; round <= 2; round++) {
    fill(filler)
    // Some writes may still find free pages in the log.
    const isRefused = await waitUntil(async () => {
      const { body } = releaseCallback()
      const { status, retCode } = await post(service.url, body)
      if (status === 200) return false
      t.equal(status, 503, `round ${round}: a callback is refused`)
      t.match(retCode, /^[1-9]/, "in the vendor's shape")
      refused.push(body)
      return true
    })
    t.ok(isRefused, 'the disk is full')
    t.ok(await answers(`${service.url}/readyz`, 503), 'not ready')
    t.match(await (await fetch(`${service.url}/readyz`)).json(), {
      status: 'unavailable',
      failed: ['store']
    })
    t.equal((await fetch(`${service.url}/healthz`)).status, 200, 'the process lives')
    const acknowledgedBefore = posting.acknowledged.length
    rmSync(filler)
    t.ok(await answers(`${service.url}/readyz`, 200), 'ready again by itself')
    t.ok(await acknowledges(acknowledgedBefore + 30), 'works again')
  }
  await posting.stop()
  t.same(
    [...posting.statuses.keys()].filter(status => status !== 200 && status !== 503),
    [],
    `answers: ${JSON.stringify([...posting.statuses])}`
  )
  for (const body of refused) {
    t.match(await post(service.url, body), { status: 200, retCode: '0' }, 'lands when sent again')
  }
  await service.end('SIGTERM')
  await assertKept(t, DATABASE_URL, posting.acknowledged)
})
