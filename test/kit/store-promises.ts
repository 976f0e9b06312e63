import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { ExpiringStore } from 'fastify-contact-center'
import type { Test } from 'tap'

/** Asserts the promises of every store, through two clients. */
export async function keepsPromises (
  t: Test,
  first: ExpiringStore,
  second: ExpiringStore
): Promise<void> {
  const key = randomUUID()
  t.equal(await first.get(key), null)
  t.equal(await first.putIfAbsent(key, '홍길동', 60_000), null)
  t.equal(
    await second.putIfAbsent(key, 'another', 60_000),
    '홍길동',
    'the other client sees the entry'
  )
  t.equal(await second.get(key), '홍길동')
  await second.delete(key, 'another')
  t.equal(await first.replace(key, 'another', 'done', 60_000), false)
  t.equal(await first.get(key), '홍길동', 'a wrong value changes nothing')
  t.equal(await second.replace(key, '홍길동', 'done', 60_000), true)
  t.equal(await first.putIfAbsent(key, 'another', 60_000), 'done')
  await first.delete(key, 'done')
  t.equal(await second.get(key), null)
  t.equal(
    await first.replace(key, 'done', 'again', 60_000),
    false,
    'a missing entry is not replaced'
  )
  t.equal(await first.putIfAbsent(key, 'again', 60_000), null)
  await second.delete(key)
  const answers = await Promise.all(
    Array.from(
      { length: 100 },
      async (_, i) => await (i % 2 === 0 ? first : second).putIfAbsent(key, `owner ${i}`, 60_000)
    )
  )
  t.equal(
    answers.filter(live => live === null).length,
    1,
    'exactly one of 100 concurrent calls wins'
  )
  t.equal(new Set(answers.filter(live => live !== null)).size, 1, 'the others see its value')
  await first.delete(key)
  const brief = randomUUID()
  t.equal(await first.putIfAbsent(brief, 'one', 60_000), null)
  t.equal(await first.replace(brief, 'one', 'two', 30), true)
  await wait(60)
  t.equal(await second.get(brief), null, 'an entry expires')
  t.equal(await second.putIfAbsent(brief, 'three', 30), null)
}
