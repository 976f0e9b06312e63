import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Scheme } from 'fastify-contact-center/kit'
import { clickToCallUrl, type OracleCscInput } from 'fastify-contact-center/oracle-csc'
import t from 'tap'
import { vectorsOf } from '../../test/helper.ts'
import { inputs, type JavaVendor, javaVendors as vendors } from './inputs.ts'
import { random } from './random.ts'
import { askReference, type Question, whyNoJava } from './run.ts'

// For more runs: REFERENCE_RUNS=200000 REFERENCE_SEED=… npm run vectors:check
const runs = Number(process.env['REFERENCE_RUNS'] ?? 1000)
const seed = Number(process.env['REFERENCE_SEED'] ?? Date.now() % 2 ** 30)

const skip = whyNoJava() ?? false

t.test('reference inputs and published vectors are the same', async t => {
  t.strictSame(Object.keys(inputs).sort(), [...vendors].sort())
  for (const [vendor, { secret, inputs: cases }] of Object.entries(inputs)) {
    const expected = cases.map(testCase => ({ options: {}, secret, ...testCase }))
    const actual = vectorsOf(vendor).filter(({ source }) => source === 'reference').map((
      { name, options, input, secret }
    ) => ({ name, options, input, secret }))
    t.strictSame(actual, expected, `${vendor}: else run qa/java/generate.ts`)
  }
})

t.test('the Java reference regenerates every vector', { skip }, async t => {
  const vectors = vendors.flatMap(vendor =>
    vectorsOf<object>(vendor).map(vector => ({ vendor, ...vector }))
  )
  for await (const { question, message, signature } of askReference(vectors)) {
    const name = `${question.vendor}: ${question.name}`
    t.equal(signature, question.signature, name)
    if (question.message !== undefined) t.equal(message, question.message, `${name}, message`)
  }
})

for (const vendor of vendors) {
  t.test(`${vendor}: ${runs} random inputs, seed ${seed}`, { skip, timeout: 600_000 }, async t => {
    const { createScheme } = await import(`fastify-contact-center/${vendor}`) as {
      createScheme: (options: object) => Scheme<object>
    }
    let agreedCount = 0
    let askedCount = 0
    for await (const { question, message, signature, query } of askReference(samples(vendor))) {
      const { options, input, secret } = question
      const javaResult = { message, signature, verifies: true, query }
      const schemeResult = catchError(() => {
        const scheme = createScheme(options)
        return {
          message: message === null ? null : Buffer.from(scheme.message(input, secret)).toString(),
          signature: scheme.sign(input, secret),
          verifies: scheme.verify(input, signature, secret),
          query: query === undefined ? undefined : queryOf(input as OracleCscInput, signature)
        }
      })
      if (isDeepStrictEqual(schemeResult, javaResult)) agreedCount++
      else t.strictSame(schemeResult, javaResult, JSON.stringify(question, printable))
      if (++askedCount - agreedCount === 20) break
    }
    t.equal(agreedCount, runs, 'all agree')
  })
}

/** Generated in batches, to avoid holding hundreds of thousands at once. */
function* samples (vendor: JavaVendor): Generator<Question & { options: object }> {
  const arbitrary = random[vendor]
  for (let done = 0; done < runs; done += 1000) {
    yield* fc.sample(arbitrary, { seed: seed + done, numRuns: Math.min(1000, runs - done) })
  }
}

function catchError<T> (run: () => T): T | string {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

/** Omits the call ID, which the vendor's code does not put into the URL. */
function queryOf ({ username, callerId }: OracleCscInput, hash: string): string {
  return new URL(clickToCallUrl('http://csc.example/agent/main', { username, callerId, hash }))
    .search.slice(1)
}

function printable (_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
