import { setTimeout as sleep } from 'node:timers/promises'
import { scheme } from 'fastify-contact-center/contiple'
import t, { type Test } from 'tap'
import { serverSentEvents } from '../../examples/demo/tour/server-sent-events.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { hasCommand, missing, privateRedis } from '../../test/real-parts.ts'
import { postgresUrl } from '../../test/integration-service/helper.ts'
import {
  assertKept,
  post,
  releaseCallback,
  secrets,
  seed,
  type ServiceProcess,
  startProcess
} from '../../test/integration-service/processes.ts'

/**
 * A browser's EventSource that connects to any of the addresses and reconnects with the last ID it
 * received.
 */
function desktop (t: Test, addresses: () => string[], cookie: string) {
  const received: Array<{ id: number, callSerialNo: string }> = []
  const abort = new AbortController()
  let lastEventId: string | undefined
  let connections = 0
  const stream = (async () => {
    for (let attempt = 0; !abort.signal.aborted; attempt++) {
      const url = addresses()[attempt % addresses().length] ?? ''
      await readEvents(url).catch(() => {})
      await sleep(20)
    }
  })()
  async function readEvents (url: string): Promise<void> {
    const reply = await fetch(`${url}/api/events`, {
      headers: { cookie, ...lastEventId !== undefined && { 'last-event-id': lastEventId } },
      signal: abort.signal
    })
    if (!reply.ok || reply.body === null) return
    connections++
    for await (const { id, event, data = '{}' } of serverSentEvents(reply.body)) {
      lastEventId = id ?? lastEventId
      if (event !== undefined) {
        received.push({ id: Number(id), ...JSON.parse(data) as { callSerialNo: string } })
      }
    }
  }
  async function until (isThere: () => boolean): Promise<void> {
    for (let waited = 0; !isThere() && waited < 5000; waited += 5) await sleep(5)
  }
  t.after(async () => {
    abort.abort()
    await stream
  })
  return {
    seen: received,
    until,
    connections: () => connections,
    sees: async (callSerialNo: string) =>
      await until(() => received.some(event => event.callSerialNo === callSerialNo))
  }
}

t.test('two processes, one PostgreSQL, one Redis', async t => {
  const DATABASE_URL = await postgresUrl(t)
  const skip = await missing(
    'PostgreSQL or Redis',
    () => DATABASE_URL !== null && hasCommand('redis-server')
  )
  if (skip !== false || DATABASE_URL === null) return t.pass('skipped', { skip })
  const redis = await privateRedis(t)
  const env = { DATABASE_URL, REDIS_URL: `redis://127.0.0.1:${redis.port}` }
  await seed(DATABASE_URL)
  const [oneProcess, otherProcess] = await Promise.all([startProcess(t, env), startProcess(t, env)])

  const [{ login, password }] = demoSignIns.agents
  const signedIn = await fetch(`${oneProcess.url}/api/agents/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password })
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  for (const { url } of [oneProcess, otherProcess]) {
    t.equal(
      (await fetch(`${url}/api/agents/session`, { headers: { cookie } })).status,
      200,
      'the session is valid at both'
    )
  }

  let processes: ServiceProcess[] = [otherProcess]
  const desk = desktop(t, () => processes.map(({ url }) => url), cookie)
  await desk.until(() => desk.connections() === 1)
  const first = releaseCallback()
  const before = Date.now()
  t.match(await post(oneProcess.url, first.body), { status: 200, retCode: '0' })
  await desk.sees(first.callSerialNo)
  t.ok(
    Date.now() - before < 1500,
    `a callback to one, its event at the other after ${Date.now() - before} ms`
  )
  t.match(
    await post(otherProcess.url, first.body),
    { status: 200, retCode: '0' },
    'the same callback to the other is a repeat: answered alike'
  )

  const payload = '{"callNum":"01012345678"}'
  const timestamp = String(Date.now())
  const lookup = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: scheme.sign({ body: payload, timestamp }, secrets.CONTIPLE_KEY),
      'x-tc-timestamp': timestamp
    },
    body: payload
  }
  t.equal((await fetch(`${oneProcess.url}/contiple/customer`, lookup)).status, 200)
  const replay = await fetch(`${otherProcess.url}/contiple/customer`, lookup)
  t.match(
    [replay.status, await replay.json()],
    [403, { error: { code: 'FST_CC_REPLAYED' } }],
    'what one has accepted the other refuses'
  )

  // A balancer tries the next process if one is unreachable, as the vendor's retry would.
  const acknowledged = [first.callSerialNo]
  const answers = new Map<number, number>()
  const stopping = new AbortController()
  const posting = (async () => {
    for (let attempt = 0; !stopping.signal.aborted;) {
      const { callSerialNo, body } = releaseCallback()
      for (let status = 0; status !== 200;) {
        ;({ status } = await post(processes[++attempt % processes.length]?.url ?? '', body))
        answers.set(status, (answers.get(status) ?? 0) + 1)
      }
      acknowledged.push(callSerialNo)
      await sleep(2)
    }
  })()
  const [third, fourth] = [startProcess(t, env), startProcess(t, env)]
  processes = [oneProcess, otherProcess]
  for (const [old, fresh] of [[oneProcess, third], [otherProcess, fourth]] as const) {
    processes = [...processes, await fresh]
    await old.end('SIGTERM')
    processes = processes.filter(process => process !== old)
  }
  await sleep(200)
  stopping.abort()
  await posting
  await desk.sees(acknowledged.at(-1) ?? '')
  t.comment(
    `${acknowledged.length} callbacks, ${desk.connections()} connections, answers ${
      JSON.stringify([...answers])
    }`
  )
  t.same([...answers.keys()].filter(status => ![0, 200, 503].includes(status)), [])
  // The look-up above rings too, so there are more events than callbacks.
  t.same(
    desk.seen.map(({ id }) => id),
    desk.seen.map((_, index) => index + 1),
    'a rolling restart: the desktop missed nothing and saw nothing twice'
  )
  const acknowledgedSet = new Set(acknowledged)
  t.same(
    desk.seen.map(event => event.callSerialNo).filter(serialNo => acknowledgedSet.has(serialNo)),
    acknowledged,
    'and every callback once, in order'
  )
  t.ok(desk.connections() > 1)
  await Promise.all(processes.map(async process => await process.end('SIGTERM')))
  await assertKept(t, DATABASE_URL, acknowledged)
})
