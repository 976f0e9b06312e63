import t from 'tap'
import { measure } from './measure.ts'
import { leakControl, createHookQuestion, schemes } from './questions.ts'
import { compareSamples, median, welch } from './statistics.ts'

/** Deterministic numbers around a mean. */
function samplesAround (mean: number, count: number, phase = 0): Float64Array {
  return Float64Array.from(
    { length: count },
    (_, index) => mean + 10 * Math.sin(index * 1.7 + phase)
  )
}

t.test("Welch's t matches known answers", async t => {
  // Equal variances of 2.5 and five values each: the standard error is 1.
  t.equal(welch([1, 2, 3, 4, 5], [2, 3, 4, 5, 6]), -1)
  t.equal(welch([5, 5, 5], [5, 5, 5]), 0)
  // 7 / √(4/3 + 7.5/9).
  t.equal(Math.round(welch([10, 12, 14], [1, 2, 3, 4, 5, 6, 7, 8, 9]) * 1000), 4756)
  t.equal(median(Float64Array.of(9, 1, 5)), 5)
})

t.test('detects a small shift in many samples despite outliers, and none without one', async t => {
  t.ok(Math.abs(compareSamples(samplesAround(100, 20_000), samplesAround(100, 20_000, 1)).t) < 4.5)
  const shift = compareSamples(samplesAround(100, 20_000), samplesAround(101, 20_000, 1))
  t.ok(shift.t < -4.5)
  const noisy = [samplesAround(100, 20_000), samplesAround(101, 20_000, 1)].map(samples =>
    samples.map((value, index) => index % 50 === 0 ? 1e6 + 1000 * (index % 997) : value)
  ) as [Float64Array, Float64Array]
  t.ok(Math.abs(welch(...noisy)) < 4.5, 'outliers hide the shift in all samples')
  t.ok(compareSamples(...noisy).t < -4.5)
})

t.test('detects a comparison that stops at the first difference', async t => {
  const samples = await measure(leakControl, 3000)
  const [first, last] = [samples.get('first wrong'), samples.get('last wrong')]
  t.equal(first?.length, 3000)
  t.ok(compareSamples(first ?? new Float64Array(), last ?? new Float64Array()).t < -4.5)
})

t.test('the inputs of each class verify as named', async t => {
  for (const { name, prepare } of schemes) {
    for (const index of [0, 1, 300]) {
      t.strictSame(
        (['valid', 'first wrong', 'last wrong'] as const).map(signatureClass =>
          prepare(signatureClass, index)()
        ),
        [true, false, false],
        name
      )
    }
  }
  for (const isRemembered of [true, false]) {
    const { prepare } = await createHookQuestion(isRemembered, 44)
    for (const name of ['wrong key', 'unknown tenant'] as const) {
      t.match(await prepare(name, 1)(), { code: 'FST_CC_SIGNATURE_INVALID' }, name)
    }
  }
})
