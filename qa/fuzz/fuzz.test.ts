import t from 'tap'
import { readCorpus } from './corpus.ts'
import { Fuzzer } from './engine.ts'
import { instrument } from './instrument.ts'
import type { Target } from './target.ts'
import { targets } from './targets/index.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 30)

t.test('every input of the corpus still passes', async t => {
  for (const { name, tokens, check } of targets) {
    const corpus = readCorpus(name)
    t.ok(corpus.length > 0, `${name}: there is one`)
    for (const input of [Buffer.alloc(0), ...tokens.map(token => Buffer.from(token)), ...corpus]) {
      t.doesNotThrow(
        () => check(input),
        `${name}: ${JSON.stringify(input.toString('latin1')).slice(0, 60)}`
      )
    }
  }
})

t.test(`half a second of fuzzing each, seed ${seed}`, async t => {
  const code = instrument()
  t.after(code.remove)
  const { targets } = await code.load('qa/fuzz/targets/index.ts') as {
    targets: readonly Target[]
  }
  for (const target of targets) {
    const fuzzer = new Fuzzer(target, code.probe, readCorpus(target.name), seed)
    const before = fuzzer.runs
    const failure = fuzzer.search({ until: performance.now() + 500 })
    t.equal(
      failure,
      undefined,
      `${target.name}: ${failure?.error.message} for ${failure?.input.toString('base64')}`
    )
    t.ok(fuzzer.runs > before, `${target.name} ran`)
  }
})

/** A target with a bug, instrumented like the real ones. */
async function createToyFuzzer (
  t: { after(step: () => void): void },
  check: string
): Promise<Fuzzer> {
  const code = instrument({
    'toy.ts': `export function check (bytes: Buffer): void {\n${check}\n}`
  })
  t.after(code.remove)
  const { check: run } = await code.load('toy.ts') as { check: Target['check'] }
  return new Fuzzer(
    { name: 'toy', about: ['toy.ts'], tokens: ['a', 'zz'], check: run },
    code.probe,
    [],
    1
  )
}

t.test('fuzzing finds a bug that few inputs trigger', async t => {
  const nestedFuzzer = await createToyFuzzer(
    t,
    'const text = bytes.toString("latin1"); if (text[0] === "f") { if (text[1] === "u") { if (text[2] === "z") { if (text[3] === "!") throw new Error("nested") } } }'
  )
  const failure = nestedFuzzer.search({ runs: 200_000 })
  t.match(failure?.error, { message: 'nested' })
  t.equal(failure?.input.toString(), 'fuz!', 'the input is minimal')

  const comparingFuzzer = await createToyFuzzer(
    t,
    'if (bytes.toString("latin1").slice(0, 6) === "secret") throw new Error("compared")'
  )
  t.equal(comparingFuzzer.search({ runs: 100 }), undefined, 'not by chance')
  t.match(
    comparingFuzzer.search({ runs: 400_000 })?.error,
    { message: 'compared' },
    'comparisons guide the search'
  )
})

t.test('fuzzing finds superlinear time', async t => {
  const quadraticFuzzer = await createToyFuzzer(
    t,
    'let steps = 0; for (const a of bytes) { for (const b of bytes) { if (a === b) steps++ } }'
  )
  t.match(quadraticFuzzer.search({ runs: 200_000 })?.error, { message: /not linear/ })
  const linearFuzzer = await createToyFuzzer(
    t,
    'let steps = 0; for (const byte of bytes) { if (byte === 0x61) steps++ }'
  )
  t.equal(linearFuzzer.search({ runs: 5000 }), undefined)
})
