import { inTurns } from '../statistics.ts'
import type { Entry } from './list.ts'
import { sendRequest, send, startServer, type Server } from './load.ts'

export interface HttpOptions {
  readonly rounds: number
  /** A round. */
  readonly requests: number
  /** Uncounted requests for the compiler. Default 6000. */
  readonly warm?: number
  /**
   * Whether one process serves all contenders, so that disturbances affect all alike. Otherwise
   * each has its own process, without the others' garbage and compiled code.
   */
  readonly together?: boolean
}

type Measurable = Entry & { readonly status?: number }

/**
 * Microseconds of the server's CPU for one request, once a round. Every contender has shown before
 * that it verifies.
 */
export async function serverCpu (
  entries: readonly Measurable[],
  { rounds, requests, warm = 12_000, together = false }: HttpOptions
): Promise<Map<string, number[]>> {
  const keys = [...new Set(entries.map(keyOf))]
  const started: Server[] = []
  const places = new Map<string, { server: Server, port: number }>()
  try {
    for (const group of together ? [keys] : keys.map(key => [key])) {
      const server = await startServer(group)
      started.push(server)
      for (const [at, key] of group.entries()) {
        places.set(key, { server, port: server.ports[at] ?? 0 })
      }
    }
    const placeOf = (entry: Measurable) => {
      const place = places.get(keyOf(entry))
      if (place === undefined) throw new Error(`${entry.name} was not started`)
      return place
    }
    for (const entry of entries) await assertVerifies(entry, placeOf(entry).port)
    const measureOnce = async (entry: Measurable): Promise<number> => {
      const { server, port } = placeOf(entry)
      const sent = Array.from({ length: requests }, entry.good)
      const before = await server.cpu()
      await send(port, sent, entry.status ?? 200)
      return (await server.cpu() - before) / requests
    }
    for (let done = 0; done < warm; done += requests) await inTurns(1, entries, measureOnce)
    return await inTurns(rounds, entries, measureOnce)
  } finally {
    await Promise.all(started.map(async server => await server.stop()))
  }
}

function keyOf ({ server, argument = '' }: Entry): string {
  return `${server}:${argument}`
}

/**
 * @throws unless a good request gets the handler's answer, and every bad one a refusal that is no
 * failure
 */
async function assertVerifies (
  { name, good, bad, status = 200 }: Measurable,
  port: number
): Promise<void> {
  const accepted = await sendRequest(port, good())
  if (accepted.status !== status) {
    throw new Error(
      `${name}: a request was answered with ${accepted.status}, not ${status}: ${accepted.text}`
    )
  }
  if (status === 200 && accepted.text !== '{"data":{"ok":true}}') {
    throw new Error(`${name}: the answer was ${accepted.text}`)
  }
  for (const [what, change] of Object.entries(bad)) {
    const request = good()
    const changed = change(request)
    if (JSON.stringify(changed) === JSON.stringify(request)) {
      throw new Error(`${name}: "${what}" changes nothing`)
    }
    const refused = await sendRequest(port, changed)
    if (refused.status < 400 || refused.status >= 500) {
      throw new Error(
        `${name} answered a request with ${what} with ${refused.status}: ${refused.text}`
      )
    }
  }
}
