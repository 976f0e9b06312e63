import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { childEnv, fromSource } from '../../test/helper.ts'

/**
 * The allowed growth of a server's memory: buffers, compiled code, pooled parsers. A leaked socket
 * holds over 10 kB.
 */
export const leewayBytes = 6_000_000

export interface State {
  /** Exceptions, rejections and warnings since the last request for the state. */
  problems: string[]
  connections: number
  /** Live bytes on the heap and in buffers, after garbage collection. */
  heldBytes: number
}

export interface Server {
  readonly port: number
  state(): Promise<State>
}

/** Starts `server.ts` in its own process, which ends with the test. */
export async function startServer (t: Test, env: Record<string, string> = {}): Promise<Server> {
  const child = spawn(process.execPath, [
    '--expose-gc',
    ...fromSource,
    fileURLToPath(new URL('server.ts', import.meta.url))
  ], {
    env: { ...childEnv, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  t.after(async () => {
    child.send('close')
    await exit.catch(() => {})
  })
  const exit = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code}`)
  })
  exit.catch(() => {})
  const answer = async <T>(): Promise<T> =>
    await Promise.race([once(child, 'message').then(([message]) => message as T), exit])
  const { port } = await answer<{ port: number }>()
  return {
    port,
    async state () {
      child.send('state')
      return await answer<State>()
    }
  }
}

/**
 * Returns the state once the condition holds, or after twenty seconds: garbage collection after so
 * many sockets takes a while.
 */
export async function until (server: Server, condition: (state: State) => boolean): Promise<State> {
  for (let i = 0;; i++) {
    const state = await server.state()
    if (condition(state) || i === 100) return state
    await wait(200)
  }
}

export function kB (bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`
}
