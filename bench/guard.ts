// Is anything much slower than it was? npm run bench:guard. Measures ratios, never times,
// and beside each the same work done several times over, which must exceed the limit: a
// guard that cannot fail guards nothing.
import { bare, contiple, huaweiAicc } from './http/list.ts'
import { serverCpu } from './http/measure.ts'
import { nanoseconds } from './in-process.ts'
import { judge } from './judge.ts'
import { limits } from './limits.ts'
import { jsonWorks } from './parts/json.ts'
import { pairs } from './parts/verify.ts'
import { aligned } from './print.ts'
import { median, of } from './statistics.ts'

const twice = (run: () => boolean | Promise<boolean>) => () => run() !== false && run()
const measured = new Map<string, number>()
const slowed = new Map<string, number>()

await inProcess()
await overHttp()

const verdicts = judge(limits, measured, slowed)
console.log(aligned({
  head: ['ratio', 'is', 'limit', 'done several times', ''],
  rows: verdicts.map((
    { name, ratio, limit, slowed, fault = 'fine' }
  ) => [name, ratio.toFixed(2), limit.toFixed(2), slowed.toFixed(2), fault])
}))
process.exitCode = verdicts.some(({ fault }) => fault !== undefined) ? 1 : 0

async function inProcess (): Promise<void> {
  const { plain, wire } = jsonWorks()
  const works = pairs.flatMap((
    { name, verify, floor }
  ) => [verify, floor, { name: `${name} twice`, run: twice(verify.run) }])
  const all = [...works, plain, wire, { name: `${wire.name} twice`, run: twice(wire.run) }]
  const times = await nanoseconds(all, { rounds: 9, milliseconds: 40 })
  const ratio = (name: string, floor: string): number => ratioOf(times, name, floor)
  for (const { name, floor } of pairs) {
    measured.set(`${name} verify : floor`, ratio(name, floor.name))
    slowed.set(`${name} verify : floor`, ratio(`${name} twice`, floor.name))
  }
  measured.set('lossless JSON : JSON.parse', ratio(wire.name, plain.name))
  slowed.set('lossless JSON : JSON.parse', ratio(`${wire.name} twice`, plain.name))
}

async function overHttp (): Promise<void> {
  const signed = [contiple, huaweiAicc]
  const slow = signed.map(entry => ({
    ...entry,
    name: `${entry.name} again and again`,
    server: 'again',
    argument: entry.name
  }))
  const times = await serverCpu([bare, ...signed, ...slow], {
    together: true,
    rounds: 16,
    requests: 400,
    warm: 2400
  })
  for (const { name } of signed) {
    measured.set(`${name} route : bare route`, ratioOf(times, name, bare.name))
    slowed.set(
      `${name} route : bare route`,
      ratioOf(times, `${name} again and again`, bare.name)
    )
  }
}

/** The median over the turns: in each, both ran side by side. */
function ratioOf (times: ReadonlyMap<string, number[]>, name: string, floor: string): number {
  return median(of(times, name).map((value, round) => value / (of(times, floor)[round] ?? NaN)))
}
