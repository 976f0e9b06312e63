import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { type Db, openStore, type Store } from '../../examples/integration-service/store/index.ts'
import { eventsAfter, lastEventId } from '../../examples/integration-service/store/events.ts'
import { createExpiringStore } from '../../examples/integration-service/store/expiring-entries.ts'
import { addRing } from '../../examples/integration-service/store/open-calls.ts'
import { assignIdToRing, voiceCall } from '../../examples/integration-service/store/voice-calls.ts'
import { median } from '../../bench/statistics.ts'
import { keepsPromises } from '../kit/store-promises.ts'
import { childEnv, compiled } from '../helper.ts'
import { onEachStore, openPatientStore, postgresUrl, sqliteUrl } from './helper.ts'

const customer = (id: string) => ({
  id,
  name: id,
  phone: `+8210${id}`,
  email: null,
  note: null,
  created_at: 1
})

async function names (store: Store): Promise<string[]> {
  return (await store.read(db => db.selectFrom('customers').select('id').orderBy('id').execute()))
    .map(row => row.id)
}

onEachStore(
  t,
  'concurrent writes share a commit, and fail separately',
  async (t, url) => {
    const announced: number[] = []
    const store = await openPatientStore(url)
    t.after(() => store.close())
    store.onEvents(lastId => announced.push(lastId))
    await store.commit(({ db }) => db.insertInto('customers').values(customer('0')).execute())

    const results = await Promise.allSettled(
      Array.from({ length: 9 }, async (_, index) =>
        await store.commit(async ({ db, publish }) => {
          publish('tried', { index })
          await db.insertInto('customers').values(customer(String(index + 1))).execute()
          if (index === 3) throw new Error('a bug')
          // Breaks the transaction on PostgreSQL unless a savepoint holds it.
          if (index === 6) await db.insertInto('customers').values(customer('0')).execute()
          return index
        }))
    )

    t.same(results.map(result => result.status === 'fulfilled' ? result.value : null), [
      0,
      1,
      2,
      null,
      4,
      5,
      null,
      7,
      8
    ])
    t.same(await names(store), ['0', '1', '2', '3', '5', '6', '8', '9'])
    const events = await store.read(db => eventsAfter(db, 0, 100))
    t.same(events.map(({ id, data }) => [id, JSON.parse(data).index]), [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 4],
      [5, 5],
      [6, 7],
      [7, 8]
    ], 'failed work leaves no event and no gap')
    t.same(announced, [7], 'one commit, one announcement')
  }
)

onEachStore(
  t,
  'concurrent items share statements, and a failing item fails alone',
  async (t, url) => {
    const store = await openPatientStore(url)
    t.after(() => store.close())
    await store.commit(({ db }) => db.insertInto('customers').values(customer('3')).execute())
    const sizes: number[] = []
    const add = store.batch(async ({ db }, ids: readonly string[]) => {
      sizes.push(ids.length)
      await db.insertInto('customers').values(ids.map(customer)).execute()
      return ids.map(id => `added ${id}`)
    })
    t.same(await Promise.all(['0', '1'].map(add)), ['added 0', 'added 1'])
    t.same(sizes, [2])
    const results = await Promise.allSettled(['2', '3', '4'].map(add))
    t.same(results.map(result => result.status === 'fulfilled' ? result.value : null), [
      'added 2',
      null,
      'added 4'
    ])
    t.same(sizes.slice(1), [3, 1, 1, 1])
    t.same(await names(store), ['0', '1', '2', '3', '4'])
    const many = Array.from({ length: 250 }, (_, index) => String(index + 1000))
    t.same(await Promise.all(many.map(add)), many.map(id => `added ${id}`))
    t.same(sizes.slice(5), [100, 100, 50])
    await store.close()
    await t.rejects(Promise.all(['5', '6'].map(add)), { code: 'FST_CC_STORE_UNAVAILABLE' })
  }
)

onEachStore(
  t,
  'one of several processes migrates; event IDs appear in order, without gaps',
  async (t, url) => {
    const stores = await Promise.all([1, 2, 3].map(async () => await openPatientStore(url)))
    t.after(async () => {
      for (const store of stores) await store.close()
    })
    const [first, second, reader] = stores
    t.ok(first && second && reader)
    if (!first || !second || !reader) return

    const ids: number[] = []
    const reading = (async () => {
      while (ids.length < 200) {
        ids.push(
          ...(await reader.read(db => eventsAfter(db, ids.at(-1) ?? 0, 1000))).map(event =>
            event.id
          )
        )
        await sleep(1)
      }
    })()
    await Promise.all([first, second].map(async store => {
      for (let round = 0; round < 20; round++) {
        await Promise.all(
          Array.from(
            { length: 5 },
            async () => await store.commit(async ({ publish }) => publish('x', {}))
          )
        )
      }
    }))
    await reading
    t.same(
      ids,
      Array.from({ length: 200 }, (_, index) => index + 1)
    )
    t.equal(await reader.read(lastEventId), 200)
  }
)

onEachStore(
  t,
  'finishes accepted work before it closes, and is unavailable after that',
  async (t, url) => {
    const store = await openPatientStore(url)
    const late = store.commit(({ db }) =>
      db.insertInto('customers').values(customer('1')).execute()
    )
    await store.close()
    await late
    await t.rejects(store.ping(), { code: 'FST_CC_STORE_UNAVAILABLE', statusCode: 503 })
    await t.rejects(store.commit(async () => 1), { code: 'FST_CC_STORE_UNAVAILABLE' })
    const reopened = await openPatientStore(url)
    t.after(() => reopened.close())
    t.same(await names(reopened), ['1'])
  }
)

onEachStore(t, 'commits more events than one statement can hold values', async (t, url) => {
  const store = await openPatientStore(url)
  t.after(() => store.close())
  const count = 20_000
  await store.commit(async ({ publish }) => {
    for (let index = 1; index <= count; index++) publish('x', index)
  })
  const events = await store.read(db => eventsAfter(db, 0, count + 1))
  t.equal(events.length, count)
  t.same(events.filter(({ id, data }) => data !== String(id)), [])
})

onEachStore(
  t,
  'claims and tokens of two processes keep the promises of every store',
  async (t, url) => {
    const [first, second] = [await openPatientStore(url), await openPatientStore(url)]
    t.after(async () => {
      await first.close()
      await second.close()
    })
    await keepsPromises(
      t,
      createExpiringStore(first, Date.now),
      createExpiringStore(second, Date.now)
    )
    const rows = await first.read(db => db.selectFrom('expiring_entries').selectAll().execute())
    t.ok(rows.every(({ id }) => /^[0-9a-f]{64}$/.test(id)), 'the store keeps digests of the keys')
  }
)

t.test('a lone write waits only for the disk', async t => {
  const store = await openPatientStore(sqliteUrl(t))
  t.after(() => store.close())
  const disk = await open(`${t.testdir()}/log`, 'w')
  t.after(async () => await disk.close())
  const [writes, syncs]: [number[], number[]] = [[], []]
  for (let index = 0; index < 50; index++) {
    const before = performance.now()
    await store.commit(({ db }) =>
      db.insertInto('customers').values(customer(String(index))).execute()
    )
    const between = performance.now()
    await disk.write('x'.repeat(4096))
    await disk.sync()
    writes.push(between - before)
    syncs.push(performance.now() - between)
  }
  const [write, sync] = [median(writes), median(syncs)]
  t.ok(write < 5 * sync + 15, `${write} ms, beside ${sync} ms for the disk alone`)
})

t.test('two processes give one ring one id', async t => {
  const url = await postgresUrl(t)
  if (url === null) return t.pass('skipped', { skip: 'no PostgreSQL' })
  const [processA, processB] = await Promise.all([openPatientStore(url), openPatientStore(url)])
  t.after(async () => await Promise.all([processA.close(), processB.close()]))
  const id = (db: Db, vendorSerialNo: string, customerNumber: string) =>
    assignIdToRing(db, { vendorSerialNo, customerNumber }).then(call => call?.call_serial_no)

  const cases = [
    { second: 'CA1', looksFirst: true, gets: 'in-0' },
    { second: 'CA1', looksFirst: false, gets: 'in-1' },
    { second: 'CA2', looksFirst: false, gets: undefined }
  ]
  for (const [index, { second, looksFirst, gets }] of cases.entries()) {
    const number = `+82102000000${index}`
    const ids = { first: `CA1-${index}`, second: `${second}-${index}` }
    const ring = { callSerialNo: `in-${index}`, customerNumber: number, now: 1 }
    await processA.commit(async ({ db }) => await addRing(db, ring))

    const hasNamed = deferred()
    const mayCommit = deferred()
    const first = processA.commit(async ({ db }) => {
      const named = await id(db, ids.first, number)
      hasNamed.resolve()
      await mayCommit.promise
      return named
    })
    await hasNamed.promise
    const named = await processB.commit(async ({ db }) => {
      if (looksFirst) {
        t.equal(await voiceCall(db, ids.second), undefined, 'the first commit is pending')
        mayCommit.resolve()
        await first
        return await id(db, ids.second, number)
      }
      const waits = id(db, ids.second, number)
      await Promise.race([waits, sleep(100)])
      mayCommit.resolve()
      return await waits
    })
    t.equal(await first, `in-${index}`)
    t.equal(named, gets, `${ids.second} after ${ids.first}`)
  }
})

function deferred (): { promise: Promise<void>, resolve: () => void } {
  const signal = new EventEmitter()
  const promise = once(signal, 'resolved').then(() => {})
  return { promise, resolve: () => signal.emit('resolved') }
}

t.test('reports a locked or missing database as unavailable', async t => {
  const url = sqliteUrl(t)
  const store = await openStore(url, { waitMs: 50 })
  const blocker = await openPatientStore(url)
  t.after(async () => {
    await store.close()
    await blocker.close()
  })
  let release = (): void => {}
  const held = blocker.commit(async () => {
    await new Promise<void>(resolve => {
      release = resolve
    })
  })
  await sleep(50)
  await t.rejects(store.commit(async () => 1), { code: 'FST_CC_STORE_UNAVAILABLE' })
  release()
  await held
  t.equal(await store.commit(async () => 1), 1, 'the store recovers')
  await t.rejects(openStore('postgres://root@127.0.0.1:1/none'), {
    code: 'FST_CC_STORE_UNAVAILABLE'
  })
})

t.test('S16: no commit is lost while two processes write and copy the log', async t => {
  const url = sqliteUrl(t)
  const file = url.slice('file:'.length)
  await (await openPatientStore(url)).close()
  const count = 250
  const writers = ['a', 'b', 'c'].map(async kind => {
    const child = spawn(process.execPath, [
      ...compiled,
      'test/integration-service/writer-process.ts',
      url,
      kind,
      String(count)
    ], { env: childEnv, stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    return code as number
  })
  let largest = 0
  const watch = setInterval(() => {
    largest = Math.max(largest, statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0)
  }, 5)
  t.same(await Promise.all(writers), [0, 0, 0])
  clearInterval(watch)
  t.ok(largest < 10_000_000, `the log restarts after each checkpoint: at most ${largest} bytes`)
  const store = await openPatientStore(url)
  t.after(() => store.close())
  const { rows: [check] } = await store.read(db => sql`pragma integrity_check`.execute(db))
  t.same(check, { integrity_check: 'ok' })
  const events = await store.read(db => db.selectFrom('events').select(['id', 'kind']).execute())
  t.equal(events.length, 3 * count)
  t.equal(new Set(events.map(({ id }) => id)).size, 3 * count)
  const { rows: [own] } = await store.read(db => sql`pragma wal_autocheckpoint`.execute(db))
  t.same(Object.values(own as object), [0], 'SQLite runs no checkpoint of its own')
})
