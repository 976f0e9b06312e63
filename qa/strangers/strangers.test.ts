import t from 'tap'
import { whyNoStrangers } from './packages.ts'

// For more cases: STRANGERS_CASES=10000, or npm run test:strangers.
const cases = Number(process.env['STRANGERS_CASES'] ?? 500)
const seed = Number(process.env['STRANGERS_SEED'] ?? Date.now() % 2 ** 30)

t.test(`the vendors' packages accept the same requests, ${cases} each, seed ${seed}`, {
  skip: whyNoStrangers() ?? false,
  timeout: 900_000
}, async t => {
  const { strangers } = await import('./vendors/index.ts')
  const { compare } = await import('./compare.ts')
  for (const stranger of strangers) {
    const { wrong, accepted, agreed, vendor } = await compare(stranger, cases, seed)
    t.strictSame(wrong.slice(0, 5), [], vendor)
    t.ok(accepted > cases / 5, `${vendor}: genuine requests`)
    t.ok(agreed > accepted / 2, `${vendor}: forged requests`)
  }
})
