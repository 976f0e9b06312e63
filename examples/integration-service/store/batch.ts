import type { Change, Work } from './group-commit.ts'
import { StoreUnavailable } from './errors.ts'

/** One result for each item, in order. */
export type BatchWork<Item, Result> = (change: Change, items: readonly Item[]) => Promise<Result[]>

interface Committer {
  commit<T>(work: Work<T>): Promise<T>
}

/** Items per statement: PostgreSQL and SQLite accept about 32000 values. */
const maximumBatch = 100

/** Collects items until their transaction begins. */
export function createBatcher<Item, Result> (
  { commit }: Committer,
  work: BatchWork<Item, Result>
): (item: Item) => Promise<Result> {
  let current: { items: Item[], results: Promise<Result[]> } | null = null

  function openBatch (): { items: Item[], results: Promise<Result[]> } {
    const items: Item[] = []
    const batch = {
      items,
      results: commit(async (change) => {
        if (current === batch) current = null
        return await work(change, items)
      })
    }
    // A batch whose transaction never began has ended too.
    batch.results.catch(() => {
      if (current === batch) current = null
    })
    return batch
  }

  return async function addToBatch (item) {
    if (current === null || current.items.length >= maximumBatch) current = openBatch()
    const { items, results } = current
    const index = items.push(item) - 1
    try {
      return (await results)[index] as Result
    } catch (error) {
      // One item that the database refuses must not fail the others.
      if (items.length === 1 || error instanceof StoreUnavailable) throw error
      return (await commit(async change => await work(change, [item])))[0] as Result
    }
  }
}
