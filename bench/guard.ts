// Finds large regressions: npm run bench:guard [-- --runs 20]. Measures ratios, not times. Each
// work is also repeated several times, which must exceed the limit, because a guard that cannot
// fail is useless. Several runs count false alarms.
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { bare, contiple, huaweiAicc } from './http/list.ts'
import { serverCpu } from './http/measure.ts'
import { interleavedRatios } from './in-process.ts'
import { judge, type Verdict } from './judge.ts'
import { limits } from './limits.ts'
import { jsonWorks } from './parts/json.ts'
import { pairs } from './parts/verify.ts'
import { alignTable } from './print.ts'
import { valuesOf, range, ratioOf } from './statistics.ts'

interface Ratios {
  readonly measured: Map<string, number>
  /** The same with the work done several times over. */
  readonly slowed: Map<string, number>
}

const { values: { runs = '1' } } = parseArgs({ options: { runs: { type: 'string' } } })
const all: Verdict[][] = []
for (let run = 0; run < Number(runs); run++) {
  const { measured, slowed } = await measure()
  const verdicts = judge(limits, measured, slowed)
  all.push(verdicts)
  console.log(alignTable({
    head: ['ratio', 'is', 'limit', 'done several times', ''],
    rows: verdicts.map((
      { name, ratio, limit, slowed, fault = 'fine' }
    ) => [name, ratio.toFixed(2), limit.toFixed(2), slowed.toFixed(2), fault])
  }))
}
const isAlarming = (verdicts: readonly Verdict[]): boolean =>
  verdicts.some(({ fault }) => fault !== undefined)
if (all.length > 1) summarize()
process.exitCode = all.some(isAlarming) ? 1 : 0

async function measure (): Promise<Ratios> {
  const inProcessRatios = await measureInProcess()
  const routeRatios = await measureOverHttp()
  return {
    measured: new Map([...inProcessRatios.measured, ...routeRatios.measured]),
    slowed: new Map([...inProcessRatios.slowed, ...routeRatios.slowed])
  }
}

async function measureInProcess (): Promise<Ratios> {
  const { plain, wire } = jsonWorks()
  const comparisons = [
    ...pairs.map(({ name, verify, floor }) => ({
      name: `${name} verify : floor`,
      work: verify,
      floor
    })),
    { name: 'lossless JSON : JSON.parse', work: wire, floor: plain }
  ]
  const repeatedComparisons = comparisons.map(({ name, work: { name: workName, run }, floor }) => ({
    name: `${name} twice`,
    work: { name: `${workName} twice`, run: () => run() !== false && run() },
    floor
  }))
  const ratios = await interleavedRatios([...comparisons, ...repeatedComparisons], {
    blocks: 300,
    calls: 100
  })
  return {
    measured: new Map(comparisons.map(({ name }) => [name, valuesOf(ratios, name)])),
    slowed: new Map(comparisons.map(({ name }) => [name, valuesOf(ratios, `${name} twice`)]))
  }
}

async function measureOverHttp (): Promise<Ratios> {
  const signed = [contiple, huaweiAicc]
  const slowedEntries = signed.map(entry => ({
    ...entry,
    name: `${entry.name} again and again`,
    server: 'again',
    argument: entry.name
  }))
  const times = await serverCpu([bare, ...signed, ...slowedEntries], {
    together: true,
    rounds: 16,
    requests: 200,
    warm: 1600
  })
  const ratios = (suffix: string): Map<string, number> =>
    new Map(
      signed.map(({ name }) => [
        `${name} route : bare route`,
        ratioOf(times, name + suffix, bare.name)
      ])
    )
  return { measured: ratios(''), slowed: ratios(' again and again') }
}

/** The spread that the limits must allow, and the number of false alarms. */
function summarize (): void {
  const values = (name: string, key: 'ratio' | 'slowed'): number[] =>
    all.map(verdicts => verdicts.find(verdict => verdict.name === name)?.[key] ?? NaN)
  console.log(alignTable({
    head: [`of ${all.length} runs`, 'ratio', 'limit', 'done several times'],
    rows: Object.entries(limits).map(([name, limit]) => [
      name,
      range(values(name, 'ratio'), 2),
      limit.toFixed(2),
      range(values(name, 'slowed'), 2)
    ])
  }))
  const alarms = all.filter(isAlarming).length
  const load = (loadavg()[1] ?? 0).toFixed(0)
  console.log(`${alarms} of ${all.length} runs raised an alarm. For bench/limits.ts:`)
  console.log(
    `falseAlarms = { runs: ${all.length}, alarms: ${alarms}, where: '${cpus().length} cores with a load of ${load}' }`
  )
}
