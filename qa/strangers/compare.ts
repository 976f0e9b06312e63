import { request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import { randomOf } from './random.ts'
import type { Case, Sent, Stranger } from './stranger.ts'

/** The result of one vendor's comparison. */
export interface Outcome {
  readonly vendor: string
  readonly packages: string
  readonly cases: number
  readonly accepted: number
  readonly agreed: number
  /** Cases that our plugin refused and the package accepted, by kind. */
  readonly stricter: ReadonlyMap<string, number>
  /** Cases that the package refused because of its own bug, by kind. */
  readonly faults: ReadonlyMap<string, number>
  /** Unexpected disagreements; only the first few are described. */
  readonly wrong: readonly string[]
}

const start = 1_660_095_873_000

/** One request in this many uses a socket, to catch differences that `inject` hides. */
const socketEvery = 10

/** Compares our plugin in a Fastify app with the vendor's package on random requests. */
export async function compare (stranger: Stranger, cases: number, seed: number): Promise<Outcome> {
  const random = randomOf(seed)
  const { vendor, packages } = stranger
  let now = start
  const app = await appOf(stranger, () => now)
  const [stricter, faults] = [new Map<string, number>(), new Map<string, number>()]
  const wrong: string[] = []
  let [accepted, agreed] = [0, 0]
  try {
    for (let i = 0; i < cases; i++) {
      now = start + Math.floor(random() * 86_400_000)
      const testCase = stranger.request(random, now)
      // `inject` normalizes URLs.
      const submit = i % socketEvery === 0 || testCase.target?.includes('?') === true
        ? acceptsOnSocket
        : accepts
      const [isAcceptedByPlugin, isAcceptedByPackage] = [
        await submit(app, testCase),
        await packageAccepts(stranger, testCase, now)
      ]
      if (isAcceptedByPackage) accepted++
      if (isAcceptedByPlugin === isAcceptedByPackage) agreed++
      else if (isAcceptedByPackage && testCase.kind in stranger.stricter) {
        count(stricter, testCase.kind)
      } else if (isAcceptedByPlugin && testCase.kind in (stranger.faults ?? {})) {
        count(faults, testCase.kind)
      } else {
        wrong.push(
          `${vendor}, seed ${seed}, case ${i}, "${testCase.kind}": ${
            isAcceptedByPlugin
              ? 'accepted here and refused by the package'
              : 'refused here, and not on the list'
          }: ${JSON.stringify({ ...testCase, body: testCase.body.toString() })}`
        )
      }
    }
  } finally {
    await app.close()
  }
  return { vendor, packages, cases, accepted, agreed, stricter, faults, wrong }
}

async function appOf (stranger: Stranger, now: () => number): Promise<FastifyInstance> {
  const app = Fastify()
  await stranger.register(app, now)
  const { verify } = app[stranger.decorator as 'zoom']
  const route = { url: '/hook', preValidation: verify, handler: async () => ({}) }
  if (stranger.upgrades === true) {
    await app.register(websocket)
    app.route({ ...route, method: 'GET', wsHandler: () => {} })
  } else {
    app.route({ ...route, method: ['GET', 'POST'] })
  }
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app
}

async function accepts (app: FastifyInstance, testCase: Case): Promise<boolean> {
  const { statusCode } = await app.inject({
    method: testCase.method ?? 'POST',
    url: testCase.target ?? '/hook',
    headers: { 'content-type': 'application/json', ...testCase.headers } as Record<string, string>,
    payload: testCase.body
  })
  return isAccepted(testCase, statusCode)
}

/** The same over a real connection. Headers that HTTP cannot express are injected instead. */
async function acceptsOnSocket (app: FastifyInstance, testCase: Case): Promise<boolean> {
  const headers = Object.entries({ 'content-type': 'application/json', ...testCase.headers })
  if (headers.flat(2).some(text => /^[ \t]|[^\t\x20-\x7e]|[ \t]$/.test(text))) {
    return await accepts(app, testCase)
  }
  const { port } = app.server.address() as AddressInfo
  const { method = 'POST', target = '/hook', body } = testCase
  const statusCode = await new Promise<number>((resolve, reject) => {
    // Connections are not reused after an upgrade, even a refused one.
    const agent = 'upgrade' in testCase.headers ? false : undefined
    const outgoing = send({ host: '127.0.0.1', port, method, path: target, agent }, incoming => {
      incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0)).on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy()
      resolve(statusCode)
    })
    for (const [name, value] of headers) outgoing.setHeader(name, value)
    if (body.length > 0) outgoing.setHeader('content-length', Buffer.byteLength(body))
    outgoing.end(body)
  })
  return isAccepted(testCase, statusCode)
}

function isAccepted (testCase: Case, statusCode: number): boolean {
  if (statusCode >= 500) throw new Error(`${testCase.kind}: status ${statusCode}`)
  return statusCode < 300
}

/** Sets `Date.now`, which the package reads, to the case's time. */
async function packageAccepts (stranger: Stranger, testCase: Case, now: number): Promise<boolean> {
  const { now: machine } = Date
  Date.now = () => now
  try {
    return await stranger.accepts(sentBy(testCase))
  } catch {
    return false
  } finally {
    Date.now = machine
  }
}

/** Node joins repeated headers, except Authorization, of which it keeps the first. */
function sentBy ({ headers, body, target = '/hook' }: Case): Sent {
  return {
    target,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string'
          ? value
          : name === 'authorization'
          ? value[0] ?? ''
          : value.join(', ')
      ])
    ),
    body: Buffer.from(body)
  }
}

function count (counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}
