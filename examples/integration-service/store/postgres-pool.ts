import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

/** Milliseconds that a statement may take, the network included. */
export interface Deadline {
  ms: number
}

/**
 * The pool, with an end to every wait for an answer. A connection whose other side is gone
 * without a goodbye answers nothing for as long as the system's TCP tries, which is a quarter of
 * an hour and more. Here a statement that gets no answer fails, its connection is dropped, and
 * so are those that are older than that failure: they go the same way to the database.
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
    // The driver above remembers clients by identity.
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
    // What comes of it after the deadline is nobody's.
    answer.catch(() => {})
    return await Promise.race([answer, late]).finally(() => clearTimeout(timer))
  }
}

/** The database has not answered; whether it has done what it was told is not known. */
class StatementTimedOut extends Error {
  readonly code = 'ETIMEDOUT'
  constructor (ms: number) {
    super(`the database did not answer within ${ms} ms`)
  }
}
