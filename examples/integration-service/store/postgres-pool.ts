import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

/** Milliseconds that a statement may take, the network included. */
export interface Deadline {
  ms: number
}

/**
 * A pool with a timeout for every answer. A connection whose peer vanished without closing it gets
 * no answer until TCP gives up, a quarter of an hour or more. Here such a statement fails and its
 * connection is dropped, as are all connections older than that failure: they use the same route to
 * the database.
 */
export function poolWithDeadlines (
  pool: pg.Pool,
  deadline: Deadline,
  onError: (error: Error) => void
): PostgresPool {
  let generation = 0
  const generations = new WeakMap<pg.PoolClient, number>()
  const wrappers = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  return {
    async connect () {
      while (true) {
        const client = await pool.connect()
        if (!generations.has(client)) generations.set(client, generation)
        if (generations.get(client) === generation) return wrapClient(client)
        client.release(true)
      }
    },
    end: async () => await pool.end()
  } as PostgresPool

  function wrapClient (client: pg.PoolClient): PostgresPoolClient {
    // The driver above identifies clients by object identity.
    const existing = wrappers.get(client)
    if (existing !== undefined) return existing
    let failure: Error | null = null
    const wrapper = {
      query: async (text: string, values: readonly unknown[]) => {
        if (failure !== null) throw failure
        return await withTimeout(client.query(text, values as unknown[]), () => {
          failure = new StatementTimedOut(deadline.ms)
          generation++
          onError(failure)
          return failure
        })
      },
      release: () => client.release(failure ?? undefined)
    } as unknown as PostgresPoolClient
    wrappers.set(client, wrapper)
    return wrapper
  }

  async function withTimeout<T> (answer: Promise<T>, createError: () => Error): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(createError()), deadline.ms)
    })
    // The result after the deadline is ignored.
    answer.catch(() => {})
    return await Promise.race([answer, timeout]).finally(() => clearTimeout(timer))
  }
}

/** The database did not answer; whether it ran the statement is unknown. */
class StatementTimedOut extends Error {
  readonly code = 'ETIMEDOUT'
  constructor (ms: number) {
    super(`the database did not answer within ${ms} ms`)
  }
}
