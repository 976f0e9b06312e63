// Compares every vendor's plugin with the vendor's own package:
//   npm run test:strangers -- --cases 10000 --seed 1 --vendor zoom
import { parseArgs } from 'node:util'
import { compare, type Outcome } from './compare.ts'
import { tableOf } from './report.ts'
import { strangers } from './vendors/index.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 30) },
    vendor: { type: 'string' }
  }
})

const outcomes: Outcome[] = []
for (const stranger of strangers) {
  if (values.vendor !== undefined && values.vendor !== stranger.vendor) continue
  outcomes.push(await compare(stranger, Number(values.cases), Number(values.seed)))
}
console.log(`seed ${values.seed}\n\n${tableOf(outcomes)}`)
for (const text of outcomes.flatMap(({ wrong }) => wrong.slice(0, 5))) console.error(text)
if (outcomes.length === 0 || outcomes.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1
