// Faults during use, on each database.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { scheme as contiple } from 'fastify-contact-center/contiple'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import type { Call } from '../../examples/integration-service/calls/view.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { blackHole } from './black-hole.ts'
import {
  onEachStore,
  postgresUrl,
  service,
  signInAvailable
} from '../../test/integration-service/helper.ts'
import {
  releaseCallback,
  secrets,
  seed,
  type ServiceProcess,
  startProcess
} from '../../test/integration-service/processes.ts'
import { openPatientStore } from '../../test/integration-service/helper.ts'

const customer = '+821012345678'
const origin = 'http://cti.test'
type Headers = Record<string, string>

/** Signs an agent in and returns the headers for further requests. */
async function agentAt (url: string, index: number): Promise<Headers> {
  const { login, password } = demoSignIns.agents[index] ?? { login: '', password: '' }
  const reply = await fetch(`${url}/api/agents/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ login, password })
  })
  const headers = {
    'content-type': 'application/json',
    origin,
    cookie: reply.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }
  await fetch(`${url}/api/agents/state`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ state: 'available', reason: null })
  })
  return headers
}

async function lookUp (url: string, callNum: string): Promise<number> {
  const body = JSON.stringify({ callNum })
  const timestamp = String(Date.now())
  const { status } = await fetch(`${url}/contiple/customer`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tc-timestamp': timestamp,
      authorization: contiple.sign({ body, timestamp }, secrets.CONTIPLE_KEY)
    },
    body
  })
  return status
}

async function workOf (url: string, headers: Headers): Promise<{ ringing: Call[], calls: Call[] }> {
  return await (await fetch(`${url}/api/work`, { headers })).json() as {
    ringing: Call[],
    calls: Call[]
  }
}

async function kindsOf (databaseUrl: string): Promise<string[]> {
  const store = await openPatientStore(databaseUrl)
  const rows = await store.read(db =>
    db.selectFrom('events').select('kind').where('kind', 'like', 'call.%').orderBy('id').execute()
  )
  await store.close()
  return rows.map(({ kind }) => kind)
}

async function addCalls (app: FastifyInstance, count: number): Promise<void> {
  await app.store.commit(async ({ db }) => {
    for (let first = 0; first < count; first += 500) {
      const rows = Array.from({ length: 500 }, (_, index) => ({
        call_serial_no: `call-${first + index}`,
        customer_number: `+8210${String(first + index).padStart(8, '0')}`,
        stage: 3,
        created_at: first + index,
        released_at: first + index
      }))
      await db.insertInto('calls').values(rows as never).execute()
    }
  })
}

onEachStore(t, 'serves other requests while an export runs', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL })
  const headers = await signInAvailable(app, demoSignIns.agents.length - 1)
  await addCalls(app, 10_000)
  let isDone = false
  const exportReply = app.inject({ url: '/api/calls.csv', headers }).then(reply => {
    isDone = true
    return reply
  })
  await sleep(1)
  t.equal((await app.inject('/healthz')).statusCode, 200)
  t.notOk(isDone, 'the request is answered before the export ends')
  t.equal((await exportReply).body.split('\r\n').length, 10_002)
})

onEachStore(t, 'an aborted export leaves nothing behind', async (t, DATABASE_URL) => {
  const { app } = await service(t, { DATABASE_URL })
  const supervisor = demoSignIns.agents.length - 1
  const headers = await signInAvailable(app, supervisor)
  await addCalls(app, 20_000)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  let reads = 0
  const { read } = app.store
  app.store.read = async query => {
    reads++
    return await read(query)
  }
  // More than the database has connections.
  await Promise.all(Array.from({ length: 30 }, async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /api/calls.csv HTTP/1.1\r\nHost: x\r\nCookie: ${headers.cookie}\r\n\r\n`)
    await once(socket, 'data')
    socket.destroy()
  }))
  for (let before = -1; before !== reads;) {
    before = reads
    await sleep(300)
  }
  t.ok(reads < 30 * 30, `${reads} reads: the export stops without a reader`)
  if (app.store.kind === 'postgres') {
    const open = async () =>
      await read(async db =>
        await sql<{ state: string }>`select state from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`
          .execute(db)
      )
    // A busy machine takes a while to end the last statements.
    for (let poll = 0; poll < 300 && (await open()).rows.length > 0; poll++) await sleep(100)
    t.same((await open()).rows, [], 'no transaction and no statement is open')
  }
  app.store.read = read
  const fullExport = await app.inject({ url: '/api/calls.csv', headers })
  t.equal(fullExport.body.split('\r\n').length, 20_002, 'the next export is complete')
  await app.store.commit(async ({ db }) => {
    await db.deleteFrom('calls').where('created_at', '<', 100).execute()
  })
  t.pass('and writes go on')
})

/** Two separate processes on one database. */
async function twoProcesses (t: Test, DATABASE_URL: string, env: Headers = {}) {
  await seed(DATABASE_URL)
  return await Promise.all([0, 1].map(async () => await startProcess(t, { DATABASE_URL, ...env })))
}

onEachStore(t, 'two agents accept at once, each at a process of its own', async (t, url) => {
  const [first, second] = await twoProcesses(t, url) as [ServiceProcess, ServiceProcess]
  const [minji, jonas] = [await agentAt(first.url, 0), await agentAt(second.url, 1)]
  for (const number of [customer, '+4740612345', '+5511961234567']) {
    await Promise.all([lookUp(first.url, number), lookUp(second.url, number)])
    const { ringing } = await workOf(first.url, minji)
    t.equal(ringing.length, 1, 'one caller, one ring')
    const serial = ringing[0]?.callSerialNo ?? ''
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const [{ url }, headers] = index % 2 === 0 ? [first, minji] : [second, jonas]
        const reply = await fetch(`${url}/api/calls/${serial}/accept`, {
          method: 'POST',
          headers,
          body: '{}'
        })
        return reply.status
      })
    )
    t.same(
      [0, 1].map(agent => [...new Set(statuses.filter((_, index) => index % 2 === agent))])
        .toSorted(),
      [[200], [409]],
      'one agent gets the call, however often both accept'
    )
    const [winner, headers] = statuses.indexOf(200) % 2 === 0 ? [first, minji] : [second, jonas]
    await fetch(`${winner.url}/api/calls/${serial}/close`, { method: 'POST', headers, body: '{}' })
  }
  const kinds = await kindsOf(url)
  t.equal(kinds.filter(kind => kind === 'call.accepted').length, 3, 'each event is published once')
})

onEachStore(t, 'both processes are killed while it rings', async (t, url) => {
  const env = { RING_SECONDS: '300' }
  for (const missed of [false, true]) {
    const number = missed ? '+4740612345' : customer
    const before = await twoProcesses(t, url, env) as [ServiceProcess, ServiceProcess]
    t.equal(await lookUp(before[0].url, number), 200)
    await Promise.all(before.map(async process => await process.end('SIGKILL')))
    // In the second round, the caller's ring time has expired after the restart.
    const after = await twoProcesses(t, url, missed ? { RING_SECONDS: '5' } : env) as [
      ServiceProcess,
      ServiceProcess
    ]
    if (missed) await sleep(6500)
    const minji = await agentAt(after[0].url, 0)
    const { ringing } = await workOf(after[1].url, await agentAt(after[1].url, 1))
    t.equal(ringing.length, missed ? 0 : 1, missed ? 'it is missed' : 'it still rings')
    if (!missed) {
      const reply = await fetch(`${after[0].url}/api/calls/${ringing[0]?.callSerialNo}/accept`, {
        method: 'POST',
        headers: minji,
        body: '{}'
      })
      t.equal(reply.status, 200, 'and can be accepted')
    }
    const kinds = await kindsOf(url)
    t.same(
      kinds.filter(kind => kind !== 'call.ringing'),
      missed ? ['call.accepted', 'call.missed'] : ['call.accepted'],
      'exactly one process rings'
    )
    await Promise.all(after.map(async process => await process.end('SIGTERM')))
  }
})

t.test('SIGTERM stops the service in time while its database does not answer', async t => {
  const direct = await postgresUrl(t)
  if (direct === null) return t.pass('skipped', { skip: 'no PostgreSQL' })
  const target = new URL(direct)
  const hole = await blackHole(t, Number(target.port || 5432))
  target.port = String(hole.port)
  await seed(direct)
  for (const isBusy of [false, true]) {
    hole.set('pass')
    const process = await startProcess(t, { DATABASE_URL: target.href }, { mayFail: true })
    hole.set('hang')
    // Pending requests, whose commits get no response.
    const requests = isBusy
      ? Array.from({ length: 20 }, async () =>
        await fetch(`${process.url}/aicc/released`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: releaseCallback().body
        }).then(reply => reply.status, () => 0))
      : []
    await sleep(300)
    const start = performance.now()
    await process.end('SIGTERM')
    const seconds = (performance.now() - start) / 1000
    t.ok(seconds < 12, `gone after ${seconds.toFixed(1)} s, ${isBusy ? 'busy' : 'idle'}`)
    const statuses = await Promise.all(requests)
    t.ok(statuses.every(status => status !== 200), 'every acknowledged callback is stored')
  }
})
