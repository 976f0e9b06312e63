import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { openStore } from '../../examples/integration-service/store/index.ts'
import { blackHole } from './black-hole.ts'
import { privateRedis } from '../../test/real-parts.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import {
  onEachStore,
  postgresUrl,
  service,
  signIn,
  sqliteUrl
} from '../../test/integration-service/helper.ts'
import { openPatientStore } from '../../test/integration-service/helper.ts'

const row = (id: string) => ({
  id,
  name: id,
  phone: `+8210${id}`,
  email: null,
  note: null,
  created_at: 1
})

/** The duration of the work in milliseconds, and its result. */
async function timeWork<T> (work: Promise<T>): Promise<{ ms: number, value?: T, code?: string }> {
  const start = performance.now()
  return await work.then(
    value => ({ ms: performance.now() - start, value }),
    (error: { code?: string }) => ({ ms: performance.now() - start, code: error.code ?? 'none' })
  )
}

/** Whether the work eventually succeeds. The timeout allows for a busy machine. */
async function eventuallySucceeds (work: () => Promise<unknown>): Promise<boolean> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) {
    if (await work().then(() => true, () => false)) return true
  }
  return false
}

onEachStore(t, 'S1: after a BEGIN that failed, the next item asks the database', async (t, url) => {
  const store = await openStore(url, { waitMs: 1000, poolSize: 1 })
  t.after(() => store.close())
  const blocker = await openPatientStore(url)
  t.after(() => blocker.close())
  const add = store.batch(async ({ db }, ids: readonly string[]) => {
    await db.insertInto('customers').values(ids.map(row)).execute()
    return [...ids]
  })
  const [locked, release] = [new EventEmitter(), new EventEmitter()]
  const isLocked = once(locked, 'now')
  // An import holds SQLite's only lock; a hung query holds the only connection.
  const blocking = url.startsWith('file:')
    ? blocker.commit(async ({ db }) => {
      await db.insertInto('customers').values(row('import')).execute()
      locked.emit('now')
      await once(release, 'now')
    })
    : store.read(async db => {
      const query = sql`select pg_sleep(4)`.execute(db)
      locked.emit('now')
      await query
    }).catch(() => {})
  await isLocked
  t.match(await timeWork(add('1')), { code: 'FST_CC_STORE_UNAVAILABLE' }, 'locked')
  release.emit('now')
  await blocking
  // One at a time, like callbacks in a quiet hour.
  for (const id of ['2', '3', '4']) t.equal(await add(id), id)
  t.same(await Promise.all(['5', '6', '7'].map(add)), ['5', '6', '7'], 'and together')
})

t.test('S2: survives PostgreSQL connections that go dead', async (t) => {
  const url = await postgresUrl(t)
  if (url === null) return t.pass('skipped', { skip: 'no PostgreSQL' })
  const hole = await blackHole(t, Number(new URL(url).port || 5432))
  const proxiedUrl = new URL(url)
  proxiedUrl.host = `127.0.0.1:${hole.port}`
  const broken: Error[] = []
  const store = await openStore(proxiedUrl.href, {
    waitMs: 2000,
    statementMs: 1000,
    onError: error => broken.push(error)
  })
  t.after(() => store.close())
  const write = async (id: string) =>
    await store.commit(({ db }) => db.insertInto('customers').values(row(id)).execute())
  const readRow = async () =>
    await store.read(db => sql`select 1 from customers limit 1`.execute(db))
  await write('0')
  // Several connections, all of which go dead.
  await Promise.all(
    Array.from(
      { length: 10 },
      async () => await store.read(db => sql`select pg_sleep(0.05)`.execute(db))
    )
  )

  hole.set('hang', 'pass')
  const results = await Promise.all([
    timeWork(write('1')),
    ...Array.from({ length: 12 }, async () => await timeWork(readRow()))
  ])
  t.ok(
    results.every(({ ms }) => ms < 20_000),
    `all answered, the last after ${Math.round(Math.max(...results.map(({ ms }) => ms)))} ms`
  )
  t.equal(results[0].code, 'FST_CC_STORE_UNAVAILABLE')
  t.ok(broken.length > 0, 'told')
  const next = await timeWork(write('2'))
  t.equal(next.code, undefined, 'the next write uses a new connection')
  t.equal((await timeWork(readRow())).code, undefined, 'the next read uses a new connection')
  await t.resolves(store.ping())

  hole.set('hang')
  const down = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => await timeWork(write(`down ${n}`)))
  )
  t.ok(down.every(({ code }) => code === 'FST_CC_STORE_UNAVAILABLE'), 'every connection is dead')
  t.ok(down.every(({ ms }) => ms < 20_000))
  await t.rejects(store.ping(), { code: 'FST_CC_STORE_UNAVAILABLE' })
  hole.set('drop', 'pass')
  t.ok(await eventuallySucceeds(async () => await store.ping()), 'ready again by itself')
  t.equal((await timeWork(write('3'))).code, undefined)
})

t.test('S2: answers 503 while every write hangs, and is not ready', async (t) => {
  const url = await postgresUrl(t)
  if (url === null) return t.pass('skipped', { skip: 'no PostgreSQL' })
  const hole = await blackHole(t, Number(new URL(url).port || 5432))
  const proxiedUrl = new URL(url)
  proxiedUrl.host = `127.0.0.1:${hole.port}`
  const store = await openStore(proxiedUrl.href, { waitMs: 200, statementMs: 2300 })
  t.after(() => store.close())
  hole.set('hang')
  const writes = Array.from({ length: 350 }, async (_, n) =>
    await timeWork(
      store.commit(({ db }) => db.insertInto('customers').values(row(String(n))).execute())
    ))
  await sleep(2200)
  await t.rejects(store.ping(), { code: 'FST_CC_STORE_UNAVAILABLE' }, 'a write is stuck')
  const outcomes = await Promise.all(writes)
  t.ok(outcomes.every(({ code }) => code === 'FST_CC_STORE_UNAVAILABLE'))
  t.ok(outcomes.every(({ ms }) => ms < 6000), 'groups do not wait for each other')
})

t.test('S3: sign-in answers within a second while Redis hangs', async (t) => {
  const redis = await privateRedis(t)
  const hole = await blackHole(t, redis.port)
  const { app } = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    REDIS_URL: `redis://127.0.0.1:${hole.port}`
  })
  await signIn(app)
  hole.set('hang')
  const [{ login, password }] = demoSignIns.agents
  const attempts = await Promise.all(
    Array.from({ length: 5 }, async () =>
      await timeWork(app.inject({
        method: 'POST',
        url: '/api/agents/session',
        payload: { login, password }
      })))
  )
  t.same(attempts.map(({ value }) => value?.statusCode), Array(5).fill(503))
  t.equal(attempts[0]?.value?.json().code, 'SERVICE_REDIS_UNAVAILABLE')
  t.ok(attempts.every(({ ms }) => ms < 10_000))
  t.equal((await app.inject('/readyz')).statusCode, 503)
  hole.set('hang', 'pass')
  await eventuallySucceeds(async () => {
    if ((await app.inject('/readyz')).statusCode !== 200) throw new Error('not ready')
  })
  await t.resolves(signIn(app), 'a new connection is made without help')
})

t.test('S3: the service starts while Redis hangs', async (t) => {
  const redis = await privateRedis(t)
  const hole = await blackHole(t, redis.port)
  hole.set('hang')
  const { value, ms } = await timeWork(service(t, {
    DATABASE_URL: sqliteUrl(t),
    REDIS_URL: `redis://127.0.0.1:${hole.port}`
  }))
  t.ok(value !== undefined && ms < 30_000)
  t.equal((await value?.app.inject('/readyz'))?.statusCode, 503)
})
