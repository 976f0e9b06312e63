import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { kB, leewayBytes, type Server, startServer, until } from './process.ts'
import { sendGenuine, head, verdicts, serializeRequest } from './raw.ts'
import { genuine, vendors } from './vendors.ts'

/** `HOSTILE_CONNECTIONS=10000` for the full run. */
const wantedConnections = Number(process.env['HOSTILE_CONNECTIONS'] ?? 500)
/** The file limit of the process, less the files that it has open anyway. */
const possible = openFiles() - 200
const count = Math.min(wantedConnections, possible)

t.test(
  `${count} slow connections are held while good requests are served`,
  { timeout: 300_000 },
  async t => {
    if (count < wantedConnections) {
      t.comment(
        `${wantedConnections} wanted, but this machine lets a process open ${
          possible + 200
        } files: ${count} it is`
      )
    }
    const server = await startServer(t)
    await sendToAll(t, server)
    const before = await server.state()

    const sockets = await openSlowly(server.port)
    const state = await until(server, ({ connections }) => connections === count)
    t.equal(state.connections, count, 'all are open')

    const trickle = setInterval(() => {
      for (const socket of sockets) socket.write('x')
    }, 1000)
    const times =
      (await Promise.all(Array.from({ length: 4 }, async () => await sendToAll(t, server)))).flat()
        .sort((a, b) => a - b)
    clearInterval(trickle)
    t.equal(
      (await until(server, ({ connections }) => connections === count)).connections,
      count,
      'all are still open'
    )

    for (const socket of sockets) socket.destroy()
    const after = await until(
      server,
      ({ connections, heldBytes }) =>
        connections === 0 && heldBytes - before.heldBytes < leewayBytes
    )
    t.strictSame([...state.problems, ...after.problems], [], 'no exception, rejection or warning')
    t.equal(after.connections, 0, 'all are gone')
    t.ok(
      after.heldBytes - before.heldBytes < leewayBytes,
      `memory is back: ${kB(before.heldBytes)} before, ${kB(after.heldBytes)} after`
    )
    await sendToAll(t, server)
    t.comment(
      `${count} connections: ${kB(before.heldBytes)} before, ${kB(state.heldBytes)} with them, ${
        kB(after.heldBytes)
      } after; ` +
        `${times.length} good requests meanwhile, half of them within ${
          Math.round(times[times.length >> 1] ?? 0)
        } ms, the slowest ${Math.round(times.at(-1) ?? 0)} ms`
    )
  }
)

t.test('with a requestTimeout the server ends slow requests itself', async t => {
  const server = await startServer(t, { REQUEST_TIMEOUT: '1000' })
  const slow = await Promise.all(
    vendors.map(async vendor =>
      await verdicts(server.port, vendor, [serializeRequest(genuine(vendor)).subarray(0, -5)])
    )
  )
  t.strictSame(slow, vendors.map(() => 'http 408'))
  await sendToAll(t, server)
  t.strictSame((await server.state()).problems, [])
})

/** Sends heads of genuine requests and one byte of each body, then waits. */
async function openSlowly (port: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const sampleSize = Math.min(200, count - sockets.length)
    sockets.push(
      ...await Promise.all(
        Array.from(
          { length: sampleSize },
          async () =>
            await new Promise<Socket>((resolve, reject) => {
              const { body, ...request } = genuine('contiple', 'x'.repeat(1900))
              const socket = connect(port, '127.0.0.1', () =>
                socket.write(head({ ...request, body }) + '{', () =>
                  resolve(socket)))
              socket.on('error', reject)
            })
        )
      )
    )
  }
  return sockets
}

/** Returns the milliseconds of one genuine request per vendor, each of which must be accepted. */
async function sendToAll (t: Test, { port }: Server): Promise<number[]> {
  const times: number[] = []
  for (const vendor of vendors) {
    const began = performance.now()
    const answer = await sendGenuine(port, vendor)
    times.push(performance.now() - began)
    t.equal(answer, 'in', `a genuine request of ${vendor}`)
  }
  return times
}

function openFiles (): number {
  const report = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | 'unlimited' } }
  }
  const limit = report.userLimits?.open_files?.soft
  return typeof limit === 'number' ? limit : 1_000_000
}
