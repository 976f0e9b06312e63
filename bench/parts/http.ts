import {
  bareEntries,
  contiple,
  type Entry,
  huaweiAicc,
  ownPlugins,
  peerEntries,
  recipes
} from '../http/list.ts'
import { serverCpu } from '../http/measure.ts'
import { refusals } from '../http/refusals.ts'
import { paragraph, type Goal, type Options, type Part, type Section } from '../report.ts'
import { least, median, valuesOf } from '../statistics.ts'

/**
 * Microseconds of the server's CPU, and how that compares with the bare route that does the same.
 */
interface Cost {
  readonly entry: Entry
  readonly least: number
  readonly median: number
  readonly ratio: number
}

export const http: Part = { name: 'http', run }

async function run ({ quick }: Options): Promise<Section> {
  const accepted = [...bareEntries, ...ownPlugins, ...recipes, ...peerEntries]
  const measured = await serverCpu(
    [...accepted, ...refusals],
    quick ? { rounds: 3, requests: 500, warm: 1500 } : { rounds: 8, requests: 1200 }
  )
  const costOf = (entry: Entry): Cost => {
    const times = valuesOf(measured, entry.name)
    return {
      entry,
      least: least(times),
      median: median(times),
      ratio: least(times) / least(valuesOf(measured, entry.base))
    }
  }
  const costs = accepted.map(costOf)
  const refused = refusals.map(entry => ({
    ...costOf(entry),
    toAccepted: least(valuesOf(measured, entry.name)) / least(valuesOf(measured, entry.accepted))
  }))
  return {
    title: 'A verified route',
    text: [
      paragraph(
        "The user and system CPU of the server's process for a request, from `process.cpuUsage()`.",
        'Each contender is one server file in its own process; all have the same handler and reply.',
        'autocannon sends from another process, over ten connections.',
        'Contenders alternate round by round, and the lowest round counts.',
        'On a shared machine, throughput says more about the machine.'
      ),
      paragraph(
        'Before the timing, each contender must accept a genuine request, and refuse a changed and an unsigned one.',
        'In every round, each reply must have the expected status.',
        'JSON bodies have 600 bytes.',
        'The ratio is to the bare route with the same kind of request.'
      )
    ],
    tables: [
      {
        head: ['route', 'CPU, µs (median of rounds)', 'to the bare route', 'what is verified'],
        rows: costs.map((
          { entry, least, median, ratio }
        ) => [
          entry.name,
          `${least.toFixed(1)} (${median.toFixed(1)})`,
          ratio.toFixed(2),
          entry.note
        ])
      },
      {
        head: ['refused', 'CPU, µs (median of rounds)', 'to accepted'],
        rows: refused.map((
          { entry, least, median, toAccepted }
        ) => [entry.name, `${least.toFixed(1)} (${median.toFixed(1)})`, toAccepted.toFixed(2)])
      }
    ],
    goals: [
      ...goalsOf(costs),
      ...refused.map(({ entry, toAccepted }) => ({
        work: `refused: ${entry.name}, server CPU beside an accepted request`,
        goal: 'not dearer',
        measured: `${toAccepted.toFixed(2)} ×`,
        met: Number(toAccepted.toFixed(2)) <= 1,
        bound:
          "The error and the vendor's reply take the place of the handler, which does nothing here; a refusal has no stack trace."
      }))
    ],
    bars: costs.filter(({ entry }) => entry.kind !== 'bare').map((
      { entry: { name, kind }, ratio }
    ) => ({ name, kind, value: ratio }))
  }
}

function goalsOf (costs: readonly Cost[]): Goal[] {
  const ratio = (name: string): number =>
    costs.find(({ entry }) => entry.name === name)?.ratio ?? NaN
  const [byHand = contiple] = recipes
  const contipleRatio = ratio(contiple.name)
  const toHand = contipleRatio / ratio(byHand.name)
  const toHuawei = ratio(huaweiAicc.name) / contipleRatio
  const peers = costs.filter(({ entry }) => entry.kind === 'peer')
  const cheapest = peers.reduce((a, b) => b.ratio < a.ratio ? b : a)
  return [
    {
      work: 'contiple ÷ the least right code by hand, processes of their own',
      goal: '≤ 1.05',
      measured: toHand.toFixed(2),
      met: Number(toHand.toFixed(2)) <= 1.05
    },
    {
      work: 'huawei-aicc ÷ contiple, processes of their own',
      goal: '≤ 1.25',
      measured: toHuawei.toFixed(2),
      met: Number(toHuawei.toFixed(2)) <= 1.25
    },
    {
      work: 'contiple beside all peers',
      goal: 'the lowest',
      measured: `${contipleRatio.toFixed(2)}; cheapest peer, ${cheapest.entry.name}, ${
        cheapest.ratio.toFixed(2)
      }`,
      met: contipleRatio < cheapest.ratio,
      bound: 'The cheapest peers look at no time: they compare one MAC and return.'
    }
  ]
}
