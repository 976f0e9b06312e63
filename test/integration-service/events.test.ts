import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { serverSentEvents } from '../../examples/demo/tour/server-sent-events.ts'
import { EventFeed } from '../../examples/integration-service/events/feed.ts'
import { EventStream } from '../../examples/integration-service/events/stream.ts'
import type { Store } from '../../examples/integration-service/store/index.ts'
import { onEachStore, openPatientStore, postgresUrl, service, signIn, sqliteUrl } from './helper.ts'

interface Seen {
  id: number
  kind: string
  data: unknown
}

/** A minimal EventSource for these tests. */
async function openStream (
  t: Test,
  app: FastifyInstance,
  options: { lastEventId?: number, cookie?: string } = {}
) {
  const { port } = app.server.address() as AddressInfo
  const abort = new AbortController()
  t.after(() => abort.abort())
  const response = await fetch(`http://127.0.0.1:${port}/api/events`, {
    headers: {
      cookie: options.cookie ?? (await signIn(app)).cookie,
      ...options.lastEventId !== undefined && { 'last-event-id': String(options.lastEventId) }
    },
    signal: abort.signal
  })
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const blocks = serverSentEvents(response.body ?? new ReadableStream())
  /** Reads until this many events have arrived, or the stream has ended. */
  async function next (count: number): Promise<Seen[]> {
    const seen: Seen[] = []
    while (seen.length < count) {
      const { value, done } = await blocks.next()
      if (done === true) return seen
      const { id, event, data = '' } = value
      if (event !== undefined) seen.push({ id: Number(id), kind: event, data: JSON.parse(data) })
    }
    return seen
  }
  return { next, close: () => abort.abort() }
}

async function publish (store: Store, ...numbers: number[]): Promise<void> {
  await Promise.all(
    numbers.map(async number =>
      await store.commit(async ({ publish }) => publish('test', { number }))
    )
  )
}

onEachStore(
  t,
  'a desktop gets each event once, also those that it missed while disconnected',
  async (t, DATABASE_URL) => {
    const { app } = await service(t, { DATABASE_URL })
    await app.listen({ host: '127.0.0.1', port: 0 })
    await publish(app.store, 1)
    const desk = await openStream(t, app)
    await publish(app.store, 2, 3)
    t.same(await desk.next(2), [{ id: 2, kind: 'test', data: { number: 2 } }, {
      id: 3,
      kind: 'test',
      data: { number: 3 }
    }], 'a new desktop gets later events only')
    desk.close()
    await publish(app.store, ...Array.from({ length: 1200 }, (_, index) => index + 4))
    const reopened = await openStream(t, app, { lastEventId: 3 })
    const writing = publish(app.store, ...Array.from({ length: 50 }, (_, index) => index + 1204))
    const missed = await reopened.next(1250)
    t.same(missed.map(event => event.id), Array.from({ length: 1250 }, (_, index) => index + 4))
    await writing
    const future = await openStream(t, app, { lastEventId: 999_999 })
    await publish(app.store, 0)
    t.equal(
      (await future.next(1))[0]?.id,
      1254,
      'an unknown event ID does not silence the stream'
    )
    await app.close()
    t.same(await future.next(1), [], 'the service ends its streams when it stops')
  }
)

t.test('events of one process reach the desktops of another', async t => {
  const redis = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
  const url = await postgresUrl(t)
  if (url === null) return t.pass('skipped', { skip: 'no PostgreSQL' })
  for (const env of [{ DATABASE_URL: url }, { DATABASE_URL: url, REDIS_URL: redis }]) {
    // No poll helps: only an announcement brings the event.
    const { app: first } = await service(t, env, { pollMs: 3_600_000 })
    const { app: second } = await service(t, env)
    await first.listen({ host: '127.0.0.1', port: 0 })
    const desk = await openStream(t, first, await signIn(second))
    await publish(second.store, 7)
    t.match(await desk.next(1), [{ data: { number: 7 } }])
  }
})

t.test('serves only agents', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  for (const cookie of ['', 'agent=nobody']) {
    const reply = await app.inject({ url: '/api/events', headers: { cookie } })
    t.match([reply.statusCode, reply.json()], [401, { code: 'SERVICE_NOT_SIGNED_IN' }])
  }
  const headers = { ...await signIn(app), 'last-event-id': 'abc' }
  t.equal((await app.inject({ url: '/api/events', headers })).statusCode, 400)
})

t.test('drops a browser that does not read; a long backlog waits for its reader', async t => {
  const store = await openPatientStore(sqliteUrl(t))
  const feed = new EventFeed({
    store,
    onError: error => {
      throw error
    }
  })
  store.onEvents(() => feed.announce())
  t.after(async () => {
    feed.close()
    await store.close()
  })
  const large = 'x'.repeat(300_000)

  const idle = new EventStream(0)
  await feed.join(idle)
  for (let index = 0; index < 5; index++) {
    await store.commit(async ({ publish }) => publish('large', { large }))
  }
  while (!idle.destroyed) {
    await new Promise(resolve => {
      setTimeout(resolve, 5)
    })
  }
  t.ok(idle.readableLength < 2_000_000, 'the backlog is dropped')

  for (let index = 0; index < 4; index++) {
    await store.commit(async ({ publish }) => {
      for (let count = 0; count < 500; count++) publish('small', { text: 'x'.repeat(500) })
    })
  }
  const reader = new EventStream(5)
  let mostWaiting = 0
  const joined = feed.join(reader)
  await new Promise(resolve => {
    setTimeout(resolve, 100)
  })
  reader.on('data', () => {
    mostWaiting = Math.max(mostWaiting, reader.readableLength)
  })
  await joined
  t.equal(reader.position, 2005)
  t.notOk(reader.destroyed)
  t.ok(mostWaiting < 500_000, `at most ${mostWaiting} bytes waited`)
})

t.test('an event reaches two desktops that are joining at the same time', async t => {
  const store = await openPatientStore(sqliteUrl(t))
  const waiting: Array<() => void> = []
  const read: Store['read'] = async query => {
    await new Promise<void>(resolve => {
      waiting.push(resolve)
    })
    return await store.read(query)
  }
  const feed = new EventFeed({
    store: { ...store, read },
    pollMs: 60_000,
    onError: error => {
      throw error
    }
  })
  store.onEvents(() => feed.announce())
  t.after(async () => {
    feed.close()
    await store.close()
  })
  /** Lets a held query through to the store. */
  const letThrough = async (resolve: (() => void) | undefined): Promise<void> => {
    resolve?.()
    await sleep(20)
  }

  const [first, second] = [new EventStream(0), new EventStream(0)]
  const joining = [feed.join(first), feed.join(second)]
  // The second stream joins while the first still waits for its start position.
  await letThrough(waiting.pop())
  await letThrough(waiting.pop())
  await publish(store, 1)
  for (let turns = 0; turns < 6; turns++) await letThrough(waiting.shift())
  await Promise.all(joining)
  t.same([first.position, second.position], [1, 1])
})

t.test('an announcement at the end of a poll triggers another poll at once', async t => {
  const store = await openPatientStore(sqliteUrl(t))
  t.after(() => store.close())
  for (let turns = 0; turns < 12; turns++) {
    let polls = 0
    // Announces an event this many turns after the second poll.
    const read = async <T>(query: Parameters<Store['read']>[0]): Promise<T> => {
      const answer = await store.read(query) as T
      if (++polls === 2) announce().catch(t.threw)
      return answer
    }
    const announce = async (): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) await null
      feed.announce()
    }
    const feed: EventFeed = new EventFeed({
      store: { ...store, read },
      pollMs: 60_000,
      onError: error => {
        throw error
      }
    })
    await feed.join(new EventStream(0))
    await sleep(20)
    feed.close()
    t.equal(polls, 3, `after ${turns} turns`)
  }
})

t.test('sends its beat as an event: a page cannot see comments', async t => {
  const stream = new EventStream(7)
  stream.sendHeartbeat()
  stream.finish()
  t.equal(
    await stream.toArray().then(parts => Buffer.concat(parts).toString()),
    'retry: 1000\nid: 7\n\nevent: beat\ndata: {}\n\n'
  )
})

t.test('writes nothing to an ended stream, even if the browser has not read all of it', async t => {
  const stream = new EventStream(0)
  stream.on('error', error => {
    t.fail(error.message)
  })
  stream.finish()
  stream.finish()
  stream.sendHeartbeat()
  t.equal(stream.deliver([{ id: 1, kind: 'test', data: '{}', created_at: 0 }]), false)
  t.equal(
    await stream.toArray().then(parts => Buffer.concat(parts).toString()),
    'retry: 1000\nid: 0\n\n'
  )
})

t.test('a stream requested while the service stops does not delay it', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const cookie = await signIn(app)
  const { read } = app.store
  let answer = (): void => {}
  const held = new Promise<void>(resolve => {
    answer = resolve
  })
  app.store.read = async query => {
    await held
    return await read(query)
  }
  const desk = openStream(t, app, cookie)
  await sleep(100)
  const closing = app.close()
  await sleep(100)
  answer()
  t.same(await (await desk).next(1), [], 'the stream ends')
  t.equal(await Promise.race([closing.then(() => 'stopped'), sleep(5000, 'waits')]), 'stopped')
})

t.test('logs an unavailable Redis once, not at every attempt', async t => {
  const logged: string[] = []
  await service(t, { DATABASE_URL: sqliteUrl(t), REDIS_URL: 'redis://127.0.0.1:1' }, { logged })
  await sleep(1000)
  t.equal(logged.filter(line => line.includes('live events are delayed')).length, 1)
})
