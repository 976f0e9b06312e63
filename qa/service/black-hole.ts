import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/**
 * `pass` forwards. `hang` accepts bytes and connections and sends nothing, like a host behind a
 * firewall that drops packets. `drop` closes and refuses.
 */
export type Way = 'pass' | 'hang' | 'drop'

export interface BlackHole {
  readonly port: number
  /** The number of open connections. */
  readonly open: number
  /** Sets the mode of open connections, and of new ones. */
  set(open: Way, coming?: Way): void
}

/** A TCP proxy to a local port, closed at the end of its test. */
export async function blackHole (t: Test, target: number): Promise<BlackHole> {
  const pairs = new Set<Pair>()
  let coming: Way = 'pass'
  const server = createServer((near) => {
    if (coming === 'drop') return near.destroy()
    const pair: Pair = { near, far: connect(target, '127.0.0.1'), way: coming }
    pairs.add(pair)
    for (const [from, to] of [[pair.near, pair.far], [pair.far, pair.near]] as const) {
      from.on('data', bytes => {
        if (pair.way === 'pass') to.write(bytes)
      })
      from.on('error', () => {})
      from.on('close', () => {
        // In a black hole, not even the other side's FIN arrives.
        if (pair.way === 'hang' && from === pair.far) return
        pairs.delete(pair)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const { near, far } of pairs) {
      near.destroy()
      far.destroy()
    }
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    get open () {
      return pairs.size
    },
    set (open, next = open) {
      coming = next
      for (const pair of pairs) {
        pair.way = open
        if (open === 'drop') pair.near.destroy()
      }
    }
  }
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
  way: Way
}
