import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { postgresUrl, sqliteUrl } from '../../test/integration-service/helper.ts'
import { assertKept, load, startProcess } from '../../test/integration-service/processes.ts'
import { missing } from '../../test/real-parts.ts'

const killCount = Number(process.env['CHAOS_KILLS'] ?? 3)

/** Kills the service under load repeatedly, and returns the acknowledged callbacks. */
async function killRepeatedly (t: Test, DATABASE_URL: string): Promise<string[]> {
  const acknowledged: string[] = []
  for (let round = 0; round < killCount; round++) {
    const service = await startProcess(t, { DATABASE_URL })
    const posting = load(service.url)
    // Kills mid-request, at a different point of the commit each time.
    while (posting.acknowledged.length < 20) await sleep(5)
    await sleep(round * 7)
    await service.end('SIGKILL')
    await posting.stop()
    acknowledged.push(...posting.acknowledged)
    t.ok(
      (posting.statuses.get(0) ?? 0) > 0,
      `round ${
        round + 1
      }: killed with requests under way, ${posting.acknowledged.length} acknowledged`
    )
    t.strictSame(
      [...posting.statuses.keys()].filter(status => status !== 0 && status !== 200),
      [],
      'and nothing else was answered'
    )
  }
  return acknowledged
}

t.test(`kill -9, ${killCount} times under load (SQLite)`, async t => {
  const url = sqliteUrl(t)
  await assertKept(t, url, await killRepeatedly(t, url))
  const database = new Database(url.slice('file:'.length))
  t.strictSame(database.prepare('pragma integrity_check').all(), [{ integrity_check: 'ok' }])
  database.close()
})

t.test(`kill -9, ${killCount} times under load (PostgreSQL)`, async t => {
  const url = await postgresUrl(t)
  const skip = await missing('PostgreSQL', () => url !== null)
  if (url === null) return t.pass('skipped', { skip })
  await assertKept(t, url, await killRepeatedly(t, url))
})
