// The memory replay store: bytes per live claim, and whether a claim and an expiry cost
// the same however many there are. `npm run bench:replay`; figures vary with the machine, the
// ratios should not.
import { hash, randomBytes } from 'node:crypto'
import { memoryReplayStore } from 'fastify-contact-center/kit'

const ttlMs = 600_001
const rounds = 5

/** A key as the kit makes them: vendor, decorator, tenant, key id, nonce. */
const key = (): string => JSON.stringify(['huawei-aicc', 'huaweiAicc', '', 'current', randomBytes(16).toString('hex')])

function collect (): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}

function memoryOf (count: number): number {
  collect()
  const before = process.memoryUsage()
  const store = memoryReplayStore({ capacity: count })
  for (let i = 0; i < count; i++) store.claim(key(), ttlMs)
  collect()
  const after = process.memoryUsage()
  if (store.size !== count) throw new Error('claims were lost')
  return after.heapUsed + after.external - before.heapUsed - before.external
}

/** Nanoseconds that a piece of work takes for each of 10000 keys: the best of several rounds. */
function costOf (work: (key: string) => unknown): number {
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const keys = Array.from({ length: 10_000 }, key)
    const began = process.hrtime.bigint()
    for (const one of keys) work(one)
    best = Math.min(best, Number(process.hrtime.bigint() - began) / keys.length)
  }
  return best
}

/** A store in which this many claims are live. */
function storeWith (live: number): ReturnType<typeof memoryReplayStore> {
  const store = memoryReplayStore({ capacity: live + 10_000 * rounds })
  for (let i = 0; i < live; i++) store.claim(key(), ttlMs)
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
  const store = memoryReplayStore({ capacity: count * 2, now: () => now })
  for (let i = 0; i < count; i++) {
    now = i / count * 1000
    store.claim(`old ${i}`, 1000)
  }
  return longest(count, i => {
    now = 1000 + i / count * 1000
    store.claim(`new ${i}`, 1000)
  })
}

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer')

console.log(`1000000 live claims: ${(memoryOf(1_000_000) / 2 ** 20).toFixed(1)} MB (goal: under 120)`)
const floor = costOf(sha256)
console.log(`SHA-256 of the key alone: ${(floor / 1000).toFixed(2)} µs`)
for (const live of [1000, 10_000, 100_000, 1_000_000]) {
  const store = storeWith(live)
  const ns = costOf(one => store.claim(one, ttlMs))
  console.log(`a claim beside ${String(live).padStart(7)} others: ${(ns / 1000).toFixed(2)} µs, ${(ns / floor).toFixed(2)} × the hash alone`)
}
for (const count of [10_000, 100_000, 1_000_000]) {
  const alone = longest(count, i => sha256(`new ${i}`))
  console.log(`longest claim while ${String(count).padStart(7)} others end: ${longestAtExpiry(count).toFixed(2)} ms; longest hash alone ${alone.toFixed(2)} ms`)
}
