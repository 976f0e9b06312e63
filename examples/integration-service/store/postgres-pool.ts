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
  const born = new WeakMap<pg.PoolClient, number>()
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  return {
    async connect () {
      while (true) {
        const client = await pool.connect()
        if (!born.has(client)) born.set(client, generation)
        if (born.get(client) === generation) return wrapperOf(client)
        client.release(true)
      }
    },
    end: async () => await pool.end()
  } as PostgresPool

  function wrapperOf (client: pg.PoolClient): PostgresPoolClient {
    // The driver above identifies clients by object identity.
    const known = wrapped.get(client)
    if (known !== undefined) return known
    let broken: Error | null = null
    const wrapper = {
      query: async (text: string, values: readonly unknown[]) => {
        if (broken !== null) throw broken
        return await inTime(client.query(text, values as unknown[]), () => {
          broken = new StatementTimedOut(deadline.ms)
          generation++
          onError(broken)
          return broken
        })
      },
      release: () => client.release(broken ?? undefined)
    } as unknown as PostgresPoolClient
    wrapped.set(client, wrapper)
    return wrapper
  }

  async function inTime<T> (answer: Promise<T>, onLate: () => Error): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(onLate()), deadline.ms)
    })
    // The result after the deadline is ignored.
    answer.catch(() => {})
    return await Promise.race([answer, late]).finally(() => clearTimeout(timer))
  }
}

/** The database did not answer; whether it ran the statement is unknown. */
class StatementTimedOut extends Error {
  readonly code = 'ETIMEDOUT'
  constructor (ms: number) {
    super(`the database did not answer within ${ms} ms`)
  }
}
