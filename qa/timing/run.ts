import { measure, type Question } from './measure.ts'
import { control, hook, nothing, schemes } from './questions.ts'
import { difference, median } from './statistics.ts'

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
const hooks = [await hook(true, 44), await hook(false, 44), await hook(true, 24)]
for (
  const question of [nothing, control, ...schemes, ...hooks] as ReadonlyArray<Question<string>>
) await ask(question)

async function ask (question: Question<string>): Promise<void> {
  const samples = [...await measure(question, runs)]
  for (const [index, [name, one]] of samples.entries()) {
    for (const [otherName, other] of samples.slice(index + 1)) {
      const { t, medians } = difference(one, other)
      const told = Math.abs(t) > threshold ? 'told apart' : 'not told apart'
      console.log(
        `| ${question.name} | ${name}, ${otherName} | ${median(one)}, ${
          median(other)
        } | ${medians} | ${t.toFixed(1)} | ${told} |`
      )
    }
  }
}
