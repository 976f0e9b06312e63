import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/**
 * `pass` forwards. `hang` accepts bytes and connections and sends nothing, like a host behind a
 * firewall that drops packets. `drop` closes and refuses.
 */
export type Mode = 'pass' | 'hang' | 'drop'

export interface BlackHole {
  readonly port: number
  /** The number of open connections. */
  readonly open: number
  /** Sets the mode of open connections, and of new ones. */
  set(open: Mode, next?: Mode): void
}

/** A TCP proxy to a local port, closed at the end of its test. */
export async function blackHole (t: Test, target: number): Promise<BlackHole> {
  const pairs = new Set<Pair>()
  let newMode: Mode = 'pass'
  const server = createServer((client) => {
    if (newMode === 'drop') return client.destroy()
    const pair: Pair = { client, upstream: connect(target, '127.0.0.1'), mode: newMode }
    pairs.add(pair)
    for (
      const [from, to] of [[pair.client, pair.upstream], [pair.upstream, pair.client]] as const
    ) {
      from.on('data', bytes => {
        if (pair.mode === 'pass') to.write(bytes)
      })
      from.on('error', () => {})
      from.on('close', () => {
        // In a black hole, not even the other side's FIN arrives.
        if (pair.mode === 'hang' && from === pair.upstream) return
        pairs.delete(pair)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const { client, upstream } of pairs) {
      client.destroy()
      upstream.destroy()
    }
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    get open () {
      return pairs.size
    },
    set (open, next = open) {
      newMode = next
      for (const pair of pairs) {
        pair.mode = open
        if (open === 'drop') pair.client.destroy()
      }
    }
  }
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  mode: Mode
}
