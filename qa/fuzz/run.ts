import { parseArgs } from 'node:util'
import { readCorpus, writeCorpus } from './corpus.ts'
import { Fuzzer } from './engine.ts'
import { instrument } from './instrument.ts'
import type { Target } from './target.ts'

// npm run test:fuzz -- --seconds 3600 [--target json,form] [--seed 1] [--keep]
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 30) },
    keep: { type: 'boolean', default: false }
  }
})
const seconds = Number(values.seconds)
// Most inputs are refused, and collecting stacks would take most of the time.
Error.stackTraceLimit = 0
const code = instrument()
const { targets } = await code.load('qa/fuzz/targets/index.ts') as { targets: readonly Target[] }
const chosenTargets = targets.filter(({ name }) =>
  values.target === undefined || values.target.split(',').includes(name)
)
const fuzzers = chosenTargets.map(target => ({
  target,
  fuzzer: new Fuzzer(target, code.probe, readCorpus(target.name), Number(values.seed))
}))
const start = performance.now()
console.log(
  `${seconds} seconds over ${chosenTargets.map(({ name }) => name).join(', ')}, seed ${values.seed}`
)

// Round robin, so that an early end covers every target.
const turnMs = Math.min(60, seconds / chosenTargets.length) * 1000
const done = new Set<Target>()
while (done.size < fuzzers.length && performance.now() < start + seconds * 1000) {
  for (const { target, fuzzer } of fuzzers) {
    const failure = done.has(target)
      ? undefined
      : fuzzer.search({ until: performance.now() + turnMs })
    if (failure === undefined) continue
    // The others continue; this one would find the same failure again.
    done.add(target)
    process.exitCode = 1
    console.error(
      `${target.name}: ${failure.error.message}\n  input, base64: ${
        failure.input.toString('base64')
      }\n  as text: ${JSON.stringify(failure.input.toString())}`
    )
  }
}

console.log('target       executions  places passed     corpus')
for (const { target, fuzzer } of fuzzers) {
  const corpus = fuzzer.corpus(code.places)
  if (values.keep) writeCorpus(target.name, corpus)
  const ownPlaces = [...code.places].filter(([, file]) => target.about.includes(file)).map((
    [place]
  ) => place)
  const passed = new Set(fuzzer.places)
  const count = ownPlaces.filter(place => passed.has(place)).length
  console.log(
    `${target.name.padEnd(12)} ${String(fuzzer.runs).padStart(10)}  ${
      `${count} of ${ownPlaces.length}`.padEnd(12)
    } ${String(corpus.length).padStart(7)} inputs, ${
      corpus.reduce((sum, { length }) => sum + length, 0)
    } bytes`
  )
}
code.remove()
