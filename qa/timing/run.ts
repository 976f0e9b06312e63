import { measure, type Question } from './measure.ts'
import { leakControl, createHookQuestion, equalControl, schemes } from './questions.ts'
import { compareSamples, median } from './statistics.ts'

// npm run test:timing -- 200000
const runs = Number(process.argv[2] ?? 100_000)

/** The usual threshold for this test: a larger t is not chance. */
const threshold = 4.5

console.log(
  `${runs} runs a class; Welch's t, the farthest of seven crops; beyond ${threshold} the classes can be told apart`
)
console.log(
  '| what | classes | medians, ns | difference, ns | t | |\n| --- | --- | --- | --- | --- | --- |'
)
const hooks = [
  await createHookQuestion(true, 44),
  await createHookQuestion(false, 44),
  await createHookQuestion(true, 24)
]
for (
  const question of [equalControl, leakControl, ...schemes, ...hooks] as ReadonlyArray<
    Question<string>
  >
) await printComparisons(question)

async function printComparisons (question: Question<string>): Promise<void> {
  const samples = [...await measure(question, runs)]
  for (const [index, [name, times]] of samples.entries()) {
    for (const [otherName, otherTimes] of samples.slice(index + 1)) {
      const { t, medians } = compareSamples(times, otherTimes)
      const verdict = Math.abs(t) > threshold ? 'told apart' : 'not told apart'
      console.log(
        `| ${question.name} | ${name}, ${otherName} | ${median(times)}, ${
          median(otherTimes)
        } | ${medians} | ${t.toFixed(1)} | ${verdict} |`
      )
    }
  }
}
