import { bodySigned } from '../http/body-signed.ts'
import {
  bare,
  bareAgain,
  contiple,
  type Entry,
  huaweiAicc,
  huaweiByHand,
  huaweiWithoutClaim,
  recipes
} from '../http/list.ts'
import { serverCpu } from '../http/measure.ts'
import { acceptedByHand, refusals, refusalsByHand, sibling, strangers } from '../http/refusals.ts'
import { paragraph, type Line, type Options, type Part, type Section } from '../report.ts'
import { median, valuesOf, range } from '../statistics.ts'

export const routes: Part = { name: 'routes', run }

const [byHand = contiple] = recipes

async function run ({ quick }: Options): Promise<Section> {
  const entries = [
    bare,
    bareAgain,
    sibling,
    byHand,
    contiple,
    huaweiByHand,
    huaweiAicc,
    huaweiWithoutClaim,
    ...refusals,
    acceptedByHand,
    ...refusalsByHand,
    ...bodySigned
  ]
  const measured = await serverCpu(
    entries,
    quick
      ? { together: true, rounds: 5, requests: 300, warm: 1500 }
      : { together: true, rounds: 48, requests: 600, warm: 12_000 }
  )
  const compared: ReadonlyArray<readonly [Entry, Entry, number]> = [
    [bareAgain, bare, Infinity],
    [sibling, bare, 1.02],
    [byHand, bare, Infinity],
    [contiple, bare, Infinity],
    [contiple, byHand, 1.05],
    [huaweiAicc, contiple, 1.25],
    [huaweiWithoutClaim, contiple, Infinity],
    [huaweiByHand, byHand, Infinity],
    [huaweiByHand, contiple, Infinity],
    [huaweiAicc, huaweiByHand, Infinity],
    ...refusals.map(refusal =>
      [refusal, refusal.accepted === contiple.name ? contiple : huaweiAicc, 1] as const
    ),
    ...refusalsByHand.map(refusal => [refusal, acceptedByHand, Infinity] as const),
    ...bodySigned.map(entry => [entry, contiple, 1.15] as const)
  ]
  const rows = compared.map(([route, base, most]) => {
    const ratios = valuesOf(measured, route.name).map((value, round) =>
      value / (valuesOf(measured, base.name)[round] ?? NaN)
    )
    return { route, base, most, ratios, ratio: median(ratios) }
  })
  const ratioTo = (route: Entry, base: Entry): string =>
    rows.find(row => row.route === route && row.base === base)?.ratio.toFixed(2) ?? ''
  const [wrong, stale] = refusalsByHand.map(refusal => ratioTo(refusal, acceptedByHand))
  const refused =
    `By hand, with the least code, a wrong signature costs ${wrong} × an accepted request, and a stale one ${stale} ×.`
  const bounds = new Map<Entry, string>([
    [
      huaweiAicc,
      `By hand, with JSON.parse and a Map of nonces, it is ${
        ratioTo(huaweiByHand, contiple)
      } × contiple. Ours without the claim is ${ratioTo(huaweiWithoutClaim, contiple)} ×.`
    ],
    [
      sibling,
      `The bare route again, on a port of its own, is ${ratioTo(bareAgain, bare)} × itself.`
    ],
    ...refusals.map(refusal => [refusal, refused] as const)
  ])
  const large = await unsignedBodies(quick)
  return {
    title: 'Routes beside each other in one process',
    text: [
      paragraph(
        'One process serves all of these routes.',
        "Six more vendors sign the bytes of the body with an HMAC; they get the bytes of Contiple's route.",
        '"By hand" is the same work with the least code, the bound for a library.',
        'Blocks of requests alternate between routes, and each block is compared with its neighbour in the same turn.',
        'A busy machine slows both, so it hardly matters.',
        'The figures are medians of server CPU (lowest to highest turn).'
      )
    ],
    tables: [
      {
        head: ['route', 'compared with', 'CPU'],
        rows: rows.map(({ route, base, ratios }) => [route.name, base.name, range(ratios, 2)])
      },
      {
        head: ['1 MB of JSON that nobody signed', 'CPU to refuse it ÷ CPU of the bare route'],
        rows: large.map(({ name, ratio }) => [name, ratio.toFixed(2)])
      }
    ],
    goals: [
      ...rows.filter(({ most }) => most !== Infinity).map(({ route, base, most, ratio }) => ({
        work: `${route.name} ÷ ${base.name}, one process`,
        goal: `≤ ${most}`,
        measured: ratio.toFixed(2),
        met: Number(ratio.toFixed(2)) <= most,
        ...bounds.has(route) && { bound: bounds.get(route) ?? '' }
      })),
      ...large.map(({ name, ratio }) => ({
        work: `1 MB unsigned, ${name} ÷ bare route`,
        goal: '≤ 1.5',
        measured: ratio.toFixed(2),
        met: ratio <= 1.5
      }))
    ],
    lines: [await vendorsRegistered(quick)]
  }
}

async function unsignedBodies (quick: boolean): Promise<Array<{ name: string, ratio: number }>> {
  const results: Array<{ name: string, ratio: number }> = []
  for (const { bare, signed } of strangers) {
    const measured = await serverCpu([bare, ...signed], {
      together: true,
      rounds: quick ? 3 : 9,
      requests: 10,
      warm: 20
    })
    for (const { name } of signed) {
      const ratios = valuesOf(measured, name).map((value, round) =>
        value / (valuesOf(measured, bare.name)[round] ?? NaN)
      )
      results.push({ name, ratio: median(ratios) })
    }
  }
  return results
}

/** In one process, so that no size has a quieter time than another. */
async function vendorsRegistered (quick: boolean): Promise<Line> {
  const entries = [1, 5, 10, 15].map(count => ({
    ...contiple,
    name: String(count),
    server: 'vendors',
    argument: String(count)
  }))
  const measured = await serverCpu(
    entries,
    quick
      ? { together: true, rounds: 3, requests: 300, warm: 900 }
      : { together: true, rounds: 12, requests: 600, warm: 2400 }
  )
  return {
    name: 'contiple route, vendors registered',
    unit: 'µs of server CPU',
    shape: 'flat',
    tableOnly: true,
    why:
      "a route has the hooks of its own vendor, and a capture of the body for each scope's vendor",
    points: entries.map(({ name }) => [Number(name), median(valuesOf(measured, name))])
  }
}
