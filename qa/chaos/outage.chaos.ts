import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { sqliteUrl } from '../../test/integration-service/helper.ts'
import {
  assertKept,
  load,
  post,
  releaseCallback,
  startProcess
} from '../../test/integration-service/processes.ts'
import {
  hasCommand,
  missing,
  postgresPrograms,
  privatePostgres,
  privateRedis,
  type Restartable
} from '../../test/real-parts.ts'

/** Stops and starts a dependency three times under load, without restarting the service. */
async function causeOutages (
  t: Test,
  env: { DATABASE_URL: string, REDIS_URL?: string },
  part: Restartable
): Promise<void> {
  const service = await startProcess(t, env)
  const posting = load(service.url)
  const refused: string[] = []
  for (let round = 1; round <= 3; round++) {
    await awaitProgress(posting.acknowledged, 50)
    await part.stop()
    const ready = await fetch(`${service.url}/readyz`)
    t.equal(ready.status, 503, `outage ${round}: not ready`)
    const { body } = releaseCallback()
    t.match(
      await post(service.url, body),
      { status: 503, retCode: /^(?!0$)./ },
      'a callback is refused with 503'
    )
    refused.push(body)
    t.equal((await fetch(`${service.url}/healthz`)).status, 200, 'the process lives')
    await sleep(500)
    await part.start()
    const restartedAt = Date.now()
    await awaitProgress(posting.acknowledged, 50)
    t.ok(
      Date.now() - restartedAt < 10_000,
      `serves again by itself, after ${Date.now() - restartedAt} ms`
    )
  }
  await posting.stop()
  t.strictSame(
    [...posting.statuses.keys()].filter(status => status !== 200 && status !== 503),
    [],
    `answers: ${JSON.stringify([...posting.statuses])}`
  )
  t.ok((posting.statuses.get(503) ?? 0) > 0)
  for (const body of refused) {
    t.match(
      await post(service.url, body),
      { status: 200, retCode: '0' },
      'refused callbacks are accepted when sent again'
    )
  }
  await service.end('SIGTERM')
  await assertKept(t, env.DATABASE_URL, posting.acknowledged)
}

async function awaitProgress (acknowledged: readonly string[], more: number): Promise<void> {
  const [from, deadline] = [acknowledged.length, Date.now() + 30_000]
  while (acknowledged.length < from + more) {
    if (Date.now() > deadline) {
      throw new Error(`only ${acknowledged.length - from} callbacks were acknowledged in 30 s`)
    }
    await sleep(5)
  }
}

t.test('PostgreSQL stops and starts under load', async t => {
  const skip = await missing("PostgreSQL's initdb", () => postgresPrograms() !== null)
  if (skip !== false) return t.pass('skipped', { skip })
  const postgres = await privatePostgres(t)
  await causeOutages(t, { DATABASE_URL: postgres.url }, postgres)
})

t.test('Redis stops and starts under load', async t => {
  const skip = await missing('redis-server', () => hasCommand('redis-server'))
  if (skip !== false) return t.pass('skipped', { skip })
  const redis = await privateRedis(t)
  await causeOutages(
    t,
    { DATABASE_URL: sqliteUrl(t), REDIS_URL: `redis://127.0.0.1:${redis.port}` },
    redis
  )
})
