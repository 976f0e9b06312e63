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
      const one = stranger.request(random, now)
      // `inject` normalizes URLs.
      const ask = i % socketEvery === 0 || one.target?.includes('?') === true
        ? acceptsOnSocket
        : accepts
      const [ours, theirs] = [await ask(app, one), await theyAccept(stranger, one, now)]
      if (theirs) accepted++
      if (ours === theirs) agreed++
      else if (theirs && one.kind in stranger.stricter) count(stricter, one.kind)
      else if (ours && one.kind in (stranger.faults ?? {})) count(faults, one.kind)
      else {
        wrong.push(
          `${vendor}, seed ${seed}, case ${i}, "${one.kind}": ${
            ours ? 'accepted here and refused by the package' : 'refused here, and not on the list'
          }: ${JSON.stringify({ ...one, body: one.body.toString() })}`
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

async function accepts (app: FastifyInstance, one: Case): Promise<boolean> {
  const { statusCode } = await app.inject({
    method: one.method ?? 'POST',
    url: one.target ?? '/hook',
    headers: { 'content-type': 'application/json', ...one.headers } as Record<string, string>,
    payload: one.body
  })
  return isAccepted(one, statusCode)
}

/** The same over a real connection. Headers that HTTP cannot express are injected instead. */
async function acceptsOnSocket (app: FastifyInstance, one: Case): Promise<boolean> {
  const headers = Object.entries({ 'content-type': 'application/json', ...one.headers })
  if (headers.flat(2).some(text => /^[ \t]|[^\t\x20-\x7e]|[ \t]$/.test(text))) {
    return await accepts(app, one)
  }
  const { port } = app.server.address() as AddressInfo
  const { method = 'POST', target = '/hook', body } = one
  const statusCode = await new Promise<number>((resolve, reject) => {
    // Connections are not reused after an upgrade, even a refused one.
    const agent = 'upgrade' in one.headers ? false : undefined
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
  return isAccepted(one, statusCode)
}

function isAccepted (one: Case, statusCode: number): boolean {
  if (statusCode >= 500) throw new Error(`${one.kind}: status ${statusCode}`)
  return statusCode < 300
}

/** Sets `Date.now`, which the package reads, to the case's time. */
async function theyAccept (stranger: Stranger, one: Case, now: number): Promise<boolean> {
  const { now: machine } = Date
  Date.now = () => now
  try {
    return await stranger.accepts(sentBy(one))
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
