import { hash, randomBytes } from 'node:crypto'
import { memoryStore, type MemoryStore } from '../../plugins/kit/replay/memory.ts'
import { paragraph, type Line, type Options, type Part, type Section } from '../report.ts'
import { inTurns, least, valuesOf } from '../statistics.ts'

export const replay: Part = { name: 'replay', run }

const ttlMs = 600_001
/**
 * What a claim beside 10^6 others took, to the SHA-256 of its key alone, before claims had leases
 * (page of 2026-11-22).
 */
const withoutLease = 1.43
/** Keys for which a piece of work is timed at once. */
const batch = 10_000

async function run ({ quick }: Options): Promise<Section> {
  const rounds = quick ? 2 : 5
  const most = quick ? 100_000 : 1_000_000
  const sizes = [1000, 10_000, 100_000, 1_000_000].filter(size => size <= most)
  const megabytes = memoryOf(most) / 2 ** 20
  const works = [
    {
      name: 'the SHA-256 of its key alone',
      work: (key: string): unknown => sha256(key),
      undo: (): unknown => undefined
    },
    ...sizes.map(size => {
      const store = storeWith(size)
      return {
        name: `a claim beside ${size} live ones`,
        work: (key: string): unknown => claim(store, key),
        undo: (key: string): unknown => store.delete(key)
      }
    })
  ]
  const times = await inTurns(rounds, works, async ({ work, undo }) => timeOf(work, undo))
  const floor = least(valuesOf(times, 'the SHA-256 of its key alone'))
  const pauses = sizes.map(size => ({
    size,
    claim: longestAtExpiry(size),
    alone: longest(size, i => sha256(`new ${i}`))
  }))
  const pause = pauses.at(-1)?.claim ?? NaN
  const claimTime = least(valuesOf(times, `a claim beside ${most} live ones`)) / 1000
  return {
    title: 'The memory replay store',
    text: [
      paragraph(
        "Keys have the kit's form.",
        "A claim's time is the lowest of several rounds of ten thousand.",
        'The longest claim is measured while as many old claims expire as new ones are put.',
        'The longest SHA-256 in the same loop is a bound for every store.'
      )
    ],
    tables: [
      {
        head: ['work', 'µs', 'to the hash alone'],
        rows: works.map((
          { name }
        ) => [
          name,
          (least(valuesOf(times, name)) / 1000).toFixed(2),
          (least(valuesOf(times, name)) / floor).toFixed(2)
        ])
      },
      {
        head: ['claims that end', 'longest claim, ms', 'longest hash alone, ms'],
        rows: pauses.map((
          { size, claim, alone: hashAlone }
        ) => [String(size), claim.toFixed(2), hashAlone.toFixed(2)])
      }
    ],
    goals: [
      {
        work: `memory of ${most} live claims`,
        goal: '< 60 MB',
        measured: `${megabytes.toFixed(1)} MB`,
        met: megabytes < 60
      },
      {
        work: `a claim beside ${most} live ones`,
        goal: '≤ 1 µs',
        measured: `${claimTime.toFixed(2)} µs`,
        met: claimTime <= 1,
        bound:
          `The SHA-256 of the key, which keeps a claim at 32 bytes however long its nonce is, takes ${
            (floor / 1000).toFixed(2)
          } µs of it.`
      },
      {
        work: `a claim with its lease beside ${most} live ones ÷ the SHA-256 of its key`,
        goal: `≤ 1.2 × the ${withoutLease} of a claim without a lease`,
        measured: (claimTime * 1000 / floor).toFixed(2),
        met: claimTime * 1000 / floor <= 1.2 * withoutLease,
        bound: 'A claim is put, and then marked done: two look-ups, where it was one.'
      },
      {
        work: `longest pause while ${most} claims end`,
        goal: '≤ 5 ms',
        measured: `${pause.toFixed(1)} ms`,
        met: pause <= 5,
        bound: `The longest SHA-256 in the same loop took ${
          (pauses.at(-1)?.alone ?? NaN).toFixed(1)
        } ms: that much is the machine, and the collector.`
      }
    ],
    lines: [growthLine(sizes, times)]
  }
}

function growthLine (sizes: readonly number[], times: ReadonlyMap<string, number[]>): Line {
  return {
    name: 'a claim, live nonces',
    unit: 'µs',
    shape: 'flat',
    why: 'a table of fixed slots',
    points: sizes.map(
      size => [size, least(valuesOf(times, `a claim beside ${size} live ones`)) / 1000]
    )
  }
}

/** A key as the kit makes them: account and nonce. */
const key = (): string => `claim:0123456789abcdef:${randomBytes(16).toString('hex')}`

let claimCount = 0

/** A claim as a request makes it: taken for its lease, then done for the rest of the window. */
function claim (store: MemoryStore, key: string, ms = ttlMs): void {
  const value = `taken:0123456789ab:${(claimCount++).toString(36)}`
  store.putIfAbsent(key, value, Math.min(ms, 10_000))
  store.replace(key, value, 'done', ms)
}

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer')

function collect (): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}

function memoryOf (count: number): number {
  collect()
  const before = process.memoryUsage()
  const store = memoryStore({ capacity: count })
  for (let i = 0; i < count; i++) claim(store, key())
  collect()
  const after = process.memoryUsage()
  if (store.size !== count) throw new Error('claims were lost')
  return after.heapUsed + after.external - before.heapUsed - before.external
}

/**
 * Nanoseconds that a piece of work takes for each of many keys. It is undone again, so that the
 * next round finds as many live claims.
 */
function timeOf (work: (key: string) => unknown, undo: (key: string) => unknown): number {
  const keys = Array.from({ length: batch }, key)
  const began = process.hrtime.bigint()
  for (const key of keys) work(key)
  const took = Number(process.hrtime.bigint() - began)
  for (const key of keys) undo(key)
  return took / batch
}

/** A store in which this many claims are live, with room for those of a round. */
function storeWith (live: number): MemoryStore {
  const store = memoryStore({ capacity: live + batch })
  for (let i = 0; i < live; i++) claim(store, key())
  return store
}

/** The longest that a piece of work takes, in milliseconds, over many calls. */
function longest (count: number, work: (i: number) => unknown): number {
  let most = 0
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    work(i)
    most = Math.max(most, performance.now() - began)
  }
  return most
}

/** The longest single claim while `count` claims end and as many come. */
function longestAtExpiry (count: number): number {
  let now = 0
  const store = memoryStore({ capacity: count * 2, now: () => now })
  for (let i = 0; i < count; i++) {
    now = i / count * 1000
    claim(store, `old ${i}`, 1000)
  }
  return longest(count, i => {
    now = 1000 + i / count * 1000
    claim(store, `new ${i}`, 1000)
  })
}
