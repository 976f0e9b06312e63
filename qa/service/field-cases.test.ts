import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import t from 'tap'
import { blackHole } from './black-hole.ts'
import { service, signIn, sqliteUrl } from '../../test/integration-service/helper.ts'
import { Browser } from '../../test/integration-service/members-helper.ts'

async function listening (app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

/** Sends the beginning of a request, then single bytes at intervals. */
async function drip (port: number, beginning: string): Promise<{ closed: Promise<number> }> {
  const start = performance.now()
  const socket: Socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.on('data', () => {})
  await once(socket, 'connect')
  socket.write(beginning)
  const timer = setInterval(() => socket.write('a'), 50)
  return {
    closed: new Promise(resolve => {
      socket.once('close', () => {
        clearInterval(timer)
        resolve(performance.now() - start)
      })
    })
  }
}

const body = 'POST /contiple/customer HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
  'content-length: 100000\r\n\r\n{'

const head = 'POST /contiple/customer HTTP/1.1\r\nhost: x\r\nx-long: '

t.test('S4: timeouts close slow connections', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, {
    clientTimeouts: { requestMs: 400, idleMs: 120_000 }
  })
  const port = await listening(app)
  const drips = await Promise.all([
    ...Array.from({ length: 150 }, async () => await drip(port, body)),
    ...Array.from({ length: 150 }, async () => await drip(port, head))
  ])
  const times = await Promise.all(drips.map(async ({ closed }) => await closed))
  t.ok(
    Math.max(...times) < 60_000,
    `all closed, the last after ${Math.round(Math.max(...times))} ms`
  )
  t.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200)
})

t.test('S4: a shutdown does not wait for slow senders and readers', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const port = await listening(app)
  for (const beginning of [body, head, '']) await drip(port, beginning)
  const deaf = connect(port, '127.0.0.1')
  deaf.on('error', () => {})
  await once(deaf, 'connect')
  deaf.pause()
  deaf.write('GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(200))
  await sleep(200)
  const start = performance.now()
  await app.close()
  t.ok(performance.now() - start < 15_000)
  deaf.destroy()
})

t.test('S8: is not ready while the database is full', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const agent = await signIn(app)
  t.equal((await app.inject('/readyz')).statusCode, 200)
  const pages = async (limit: string) =>
    await app.store.read(db => sql.raw(`pragma max_page_count = ${limit}`).execute(db))
  const { rows: [{ page_count: now }] } = await app.store.read(db =>
    sql.raw('pragma page_count').execute(db)
  ) as { rows: [{ page_count: number }] }
  await pages(String(now))
  const write = async () =>
    await app.store.commit(({ db, publish }) => {
      publish('filler', 'x'.repeat(3000))
      return sql`select 1`.execute(db)
    })
  let writeCount = 0
  while (await write().then(() => true, () => false)) if (++writeCount > 100) break
  t.ok(writeCount < 100, 'the disk is full')
  t.match((await app.inject('/readyz')).statusCode, 503, 'at once')
  await sleep(1100)
  t.match((await app.inject('/readyz')).json(), { status: 'unavailable', failed: ['store'] })
  t.equal((await app.inject({ url: '/api/calls', headers: agent })).statusCode, 200, 'reads go on')
  await pages('1000000')
  await sleep(1100)
  t.equal((await app.inject('/readyz')).statusCode, 200, 'is ready once there is room again')
})

t.test('gives up on a vendor that hangs', async t => {
  const { app: vendorApp } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const hole = await blackHole(t, await listening(vendorApp))
  hole.set('hang')
  const { app } = await service(t, {
    DATABASE_URL: sqliteUrl(t),
    ONLINE_CONTACT_URL: `http://127.0.0.1:${hole.port}`
  })
  const browser = new Browser(app)
  await browser.signIn()
  const start = performance.now()
  const reply = await browser.get('/member/help?way=server')
  t.equal(reply.statusCode, 504)
  t.ok(performance.now() - start < 30_000)
})
