import t from 'tap'
import { judge } from '../../bench/judge.ts'
import { limits } from '../../bench/limits.ts'

const allowed = { 'a : b': 2 }
const faults = (ratio: number | undefined, slowed: number | undefined) =>
  judge(
    allowed,
    new Map(ratio === undefined ? [] : [['a : b', ratio]]),
    new Map(slowed === undefined ? [] : [['a : b', slowed]])
  ).map(({ fault }) => fault)

t.test('passes a ratio within its limit that fails for repeated work', async t => {
  t.strictSame(faults(1.5, 3), [undefined])
  t.strictSame(faults(2, 2.1), [undefined], 'the limit itself is allowed')
})

t.test('a ratio beyond its limit is a regression', async t => {
  t.strictSame(faults(2.01, 4), ['too slow'])
})

t.test('reports a limit so loose that slowed work passes', async t => {
  t.strictSame(faults(1, 2), ['the guard is blind'])
})

t.test('a missing measurement fails', async t => {
  t.strictSame(faults(undefined, 3), ['not measured'])
  t.strictSame(faults(1, undefined), ['not measured'])
})

t.test('the limits are ratios', async t => {
  t.ok(Object.keys(limits).length >= 8)
  for (const [name, limit] of Object.entries(limits)) {
    t.ok(name.includes(' : ') && limit > 0.5 && limit < 10, name)
  }
})
