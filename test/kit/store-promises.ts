import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { ExpiringStore } from 'fastify-contact-center'
import type { Test } from 'tap'

/** What every store promises, seen through two clients of it. */
export async function keepsPromises (
  t: Test,
  one: ExpiringStore,
  other: ExpiringStore
): Promise<void> {
  const key = randomUUID()
  t.equal(await one.get(key), null)
  t.equal(await one.putIfAbsent(key, '홍길동', 60_000), null)
  t.equal(await other.putIfAbsent(key, 'another', 60_000), '홍길동', 'seen by another client')
  t.equal(await other.get(key), '홍길동')
  await other.delete(key, 'another')
  t.equal(await one.replace(key, 'another', 'done', 60_000), false)
  t.equal(await one.get(key), '홍길동', 'only who knows the value changes it')
  t.equal(await other.replace(key, '홍길동', 'done', 60_000), true)
  t.equal(await one.putIfAbsent(key, 'another', 60_000), 'done')
  await one.delete(key, 'done')
  t.equal(await other.get(key), null)
  t.equal(await one.replace(key, 'done', 'again', 60_000), false, 'nothing to replace')
  t.equal(await one.putIfAbsent(key, 'again', 60_000), null)
  await other.delete(key)
  const answers = await Promise.all(
    Array.from(
      { length: 100 },
      async (_, i) => await (i % 2 === 0 ? one : other).putIfAbsent(key, `owner ${i}`, 60_000)
    )
  )
  t.equal(answers.filter(live => live === null).length, 1, 'of 100 at once exactly one wins')
  t.equal(new Set(answers.filter(live => live !== null)).size, 1, 'and all others see it')
  await one.delete(key)
  const brief = randomUUID()
  t.equal(await one.putIfAbsent(brief, 'one', 60_000), null)
  t.equal(await one.replace(brief, 'one', 'two', 30), true)
  await wait(60)
  t.equal(await other.get(brief), null, 'it ends by itself')
  t.equal(await other.putIfAbsent(brief, 'three', 30), null)
}
