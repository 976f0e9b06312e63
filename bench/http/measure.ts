import { inTurns } from '../statistics.ts'
import type { Entry } from './list.ts'
import { ask, send, startServer, type Server } from './load.ts'

export interface HttpOptions {
  readonly rounds: number
  /** A round. */
  readonly requests: number
  /** Before anything counts, until the compiler has seen it all. Default 6000. */
  readonly warm?: number
}

type Measurable = Entry & { readonly status?: number }

/**
 * Microseconds of the server's CPU for one request, once a round. Every contender has shown before
 * that it verifies.
 */
export async function serverCpu (
  entries: readonly Measurable[],
  { rounds, requests, warm = 6000 }: HttpOptions
): Promise<Map<string, number[]>> {
  const servers = new Map<string, Server>()
  try {
    for (const entry of entries) {
      const { server, argument = '' } = entry
      const key = `${server} ${argument}`
      if (!servers.has(key)) servers.set(key, await startServer(server, argument))
      await assertVerifies(entry, serverOf(servers, entry).port)
    }
    const once = async (entry: Measurable): Promise<number> => {
      const { port, cpu } = serverOf(servers, entry)
      const sent = Array.from({ length: requests }, entry.good)
      const before = await cpu()
      await send(port, sent, entry.status ?? 200)
      return (await cpu() - before) / requests
    }
    for (let done = 0; done < warm; done += requests) await inTurns(1, entries, once)
    return await inTurns(rounds, entries, once)
  } finally {
    await Promise.all(Array.from(servers.values(), async server => await server.stop()))
  }
}

function serverOf (servers: ReadonlyMap<string, Server>, { server, argument = '' }: Entry): Server {
  const found = servers.get(`${server} ${argument}`)
  if (found === undefined) throw new Error(`${server} was not started`)
  return found
}

/**
 * @throws unless a good request gets the handler's answer, and every bad one a refusal that is no
 * failure
 */
async function assertVerifies (
  { name, good, bad, status = 200 }: Measurable,
  port: number
): Promise<void> {
  const accepted = await ask(port, good())
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
    const refused = await ask(port, changed)
    if (refused.status < 400 || refused.status >= 500) {
      throw new Error(
        `${name} answered a request with ${what} with ${refused.status}: ${refused.text}`
      )
    }
  }
}
