import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Engine } from './engine.ts'
import { isConflict, StoreUnavailable, toStoreError } from './errors.ts'
import { appendEvents, type NewEvent } from './events.ts'
import type { Db } from './tables.ts'
import { inSavepoint, inTransaction } from './transaction.ts'

/** Passed to work that writes to the store. */
export interface Change {
  /** The transaction. Work must await nothing else: others share it. */
  readonly db: Db
  /** Appends an event, only if the work is committed. `data` is stored as JSON. */
  publish(kind: string, data: unknown): void
}

export type Work<T> = (change: Change) => Promise<T>

interface PendingWork {
  readonly work: Work<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly since: number
  attempts: number
}

interface WorkResult {
  value?: unknown
  error?: unknown
  ok: boolean
  events: NewEvent[]
}

const maximumGroup = 100
const maximumAttempts = 3

/** Whether a transaction succeeded, and when, by `performance.now()`. */
export interface LastCommit {
  readonly ok: boolean
  readonly at: number
}

export interface GroupCommitOptions {
  readonly engine: Engine
  /** The clock, in epoch milliseconds. */
  readonly now: () => number
  /** Called with the id of the newest event of each commit that appended any. */
  readonly onEvents: (lastId: number) => void
  /** Called with a listener's errors. */
  readonly onError: (error: Error) => void
  /** Milliseconds after which work that has not begun is rejected. */
  readonly maximumWaitMs: number
}

/**
 * Work that arrives during a transaction waits for the next one and shares it: a commit costs one
 * disk write, however many changes it holds. There is no timer, so a lone write is not delayed.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  #waiting: PendingWork[] = []
  #draining: Promise<void> | null = null
  /** When the group that is being committed arrived. */
  #underWay: number | null = null
  #last: LastCommit = { ok: true, at: -Infinity }

  constructor (options: GroupCommitOptions) {
    this.#options = options
  }

  /** Resolves with the work's result once it is committed. */
  async add<T> (work: Work<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
        since: performance.now(),
        attempts: 0
      })
      this.#draining ??= this.#drain()
    })
  }

  /** Waits until all work is settled. */
  async idle (): Promise<void> {
    await this.#draining
  }

  /** Milliseconds that the oldest work has waited for its commit; 0 when there is none. */
  get oldestMs (): number {
    const since = this.#underWay ?? this.#waiting[0]?.since
    return since === undefined ? 0 : performance.now() - since
  }

  /** The last transaction's outcome. Errors of the work itself do not count as failures. */
  get last (): LastCommit {
    return this.#last
  }

  async #drain (): Promise<void> {
    // Requests read in one turn of the event loop share a transaction.
    await nextTurn()
    while (this.#waiting.length > 0) {
      this.#giveUpOld()
      const group = this.#waiting.splice(0, maximumGroup)
      this.#underWay = group[0]?.since ?? null
      if (group.length > 0) await this.#commit(group)
      this.#underWay = null
    }
    this.#draining = null
  }

  /**
   * When the database hangs, each transaction fails only at its deadline, and work arrives faster
   * than that.
   */
  #giveUpOld (): void {
    const oldest = performance.now() - this.#options.maximumWaitMs
    const firstYoung = this.#waiting.findIndex(({ since }) => since >= oldest)
    const old = this.#waiting.splice(0, firstYoung === -1 ? this.#waiting.length : firstYoung)
    for (const { reject } of old) {
      reject(new StoreUnavailable({ cause: new Error('the database was busy for too long') }))
    }
  }

  async #commit (group: PendingWork[]): Promise<void> {
    const { engine, now } = this.#options
    let results: WorkResult[]
    let lastId: number | null = null
    try {
      results = await inTransaction(engine, async (db) => {
        const workResults: WorkResult[] = []
        for (const { work } of group) workResults.push(await runWork(db, work, group.length > 1))
        // Last, because it takes the one lock that every writer needs.
        lastId = await appendEvents(db, workResults.flatMap(result => result.events), now())
        return workResults
      })
      this.#last = { ok: true, at: performance.now() }
    } catch (error) {
      this.#last = { ok: !(toStoreError(error) instanceof StoreUnavailable), at: performance.now() }
      results = group.map(() => ({ ok: false, error, events: [] }))
    }
    if (lastId !== null) this.#tell(lastId)
    group.forEach((pending, index) => this.#settle(pending, results[index]))
  }

  /** A listener's error must not fail work that is already committed. */
  #tell (lastId: number): void {
    const { onEvents, onError } = this.#options
    try {
      onEvents(lastId)
    } catch (error) {
      onError(error as Error)
    }
  }

  #settle (pending: PendingWork, result: WorkResult | undefined): void {
    if (result?.ok === true) {
      pending.resolve(result.value)
    } else if (isConflict(result?.error) && ++pending.attempts < maximumAttempts) {
      this.#waiting.push(pending)
    } else {
      pending.reject(toStoreError(result?.error))
    }
  }
}

async function runWork (db: Db, work: Work<unknown>, isShared: boolean): Promise<WorkResult> {
  const events: NewEvent[] = []
  const publish = (kind: string, data: unknown): void => {
    events.push({ kind, data: JSON.stringify(data) })
  }
  // Alone in its transaction, so a rollback undoes nothing else.
  if (!isShared) return { ok: true, value: await work({ db, publish }), events }
  const failures: unknown[] = []
  try {
    const value = await inSavepoint(db, async () => {
      try {
        return await work({ db, publish })
      } catch (error) {
        failures.push(error)
        throw error
      }
    })
    return { ok: true, value, events }
  } catch (error) {
    // Only an error of the work is its own: a savepoint that cannot be created or rolled back fails
    // the transaction.
    if (failures.length === 0 || failures[0] !== error) throw failures[0] ?? error
    return { ok: false, error, events: [] }
  }
}
