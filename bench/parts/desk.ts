import {
  paragraph,
  type Goal,
  type Line,
  type Options,
  type Part,
  type Section,
  type Table
} from '../report.ts'
import { databases } from '../service/databases.ts'
import { measureHeaps } from '../service/event-memory.ts'
import { measureFirstPage } from '../service/first-page.ts'
import { startService } from '../service/process.ts'
import { ringDesks } from '../service/ring.ts'
import { openStore } from '../../examples/integration-service/store/index.ts'
import { seedDemo } from '../../examples/integration-service/store/seed.ts'

export const desk: Part = { name: 'desk', run }

const desks = 50
const perSecond = 200

async function run ({ quick }: Options): Promise<Section> {
  const sizes = quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]
  const moments = quick ? [2000, 10_000] : [20_000, 40_000, 60_000, 80_000, 100_000]
  const calls = quick ? 400 : 2000
  const tables: Table[] = []
  const goals: Goal[] = []
  const lines: Line[] = []
  for (const database of await databases()) {
    try {
      const ring = await rings(await database.another(), calls)
      const firstPageCosts = await measureFirstPage(database, sizes, quick ? 10 : 60)
      const heaps = await measureHeaps(await database.another(), moments, desks)
      tables.push(
        {
          head: [`${database.name}, ms`, 'p50', 'p99', 'most'],
          rows: [
            ['the call rings at the last of the desks', ...ring.rings],
            ['the look-up is answered', ...ring.answers]
          ]
        },
        {
          head: [database.name, `at ${perSecond} calls a second`],
          rows: [["the service's process, cores in use", ring.cores.toFixed(2)]]
        },
        firstPageCosts.table,
        {
          head: [database.name, ...moments.map(moment => `${moment} events`)],
          rows: [['heap after a collection, MB', ...heaps.map(heap => heap.toFixed(1))]]
        }
      )
      goals.push(...goalsOf(database.name, Number(ring.rings[1]), firstPageCosts.ratio, heaps))
      lines.push(...firstPageCosts.lines)
    } finally {
      await database.drop()
    }
  }
  return {
    title: 'The agents’ desk',
    text: [
      paragraph(
        `${calls} customers call at a steady ${perSecond} a second, each through a signed look-up.`,
        `${desks} desks follow the events of one process.`,
        'The time runs from when a call is due, so it includes any delay of the service.',
        "The load and the desks share the machine's cores with the service and the database."
      ),
      paragraph(
        'A desk requests its first page when it opens: its work, the history, the conversations and the chats.',
        'One customer has a hundredth of all calls and messages; timeline and conversation of that customer are read, too.',
        'Every store has the same calls per hour; only its past is longer.',
        'Each cell has the lowest of many turns and the median; the last column compares the lowest.'
      ),
      `The heap is that of the service's thread, which publishes events to ${desks} desks in another thread.`
    ],
    tables,
    goals,
    lines
  }
}

async function rings (
  url: string,
  calls: number
): Promise<{ rings: string[], answers: string[], cores: number }> {
  const store = await openStore(url)
  await seedDemo(store)
  await store.close()
  const service = await startService(url, { env: { RING_SECONDS: '5' } })
  try {
    await ringDesks(service.url, { calls: perSecond, perSecond: 50, desks: 1 })
    const before = service.cpu()
    const { rings, answers } = await ringDesks(service.url, { calls, perSecond, desks })
    return {
      rings: formatQuantiles(rings),
      answers: formatQuantiles(answers),
      cores: (service.cpu() - before) / calls * perSecond
    }
  } finally {
    await service.stop()
  }
}

function formatQuantiles (sorted: readonly number[]): string[] {
  return [0.5, 0.99, 1].map(part =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN).toFixed(0)
  )
}

function goalsOf (name: string, p99: number, ratio: number, heaps: readonly number[]): Goal[] {
  const growth = (heaps.at(-1) ?? NaN) / (heaps[0] ?? NaN)
  return [
    {
      work: `a ring at ${desks} desks, ${perSecond} calls a second, p99, ${name}`,
      goal: '< 300 ms',
      measured: `${p99} ms`,
      met: p99 < 300,
      bound: 'Whatever else the machine does is in it: beside it stands how long the answers took.'
    },
    {
      work: `the desk's first page, the longest past ÷ the shortest, ${name}`,
      goal: '≤ 1.5',
      measured: ratio.toFixed(2),
      met: ratio <= 1.5
    },
    {
      work: `heap, most ÷ fewest events, ${name}`,
      goal: '≤ 1.1',
      measured: growth.toFixed(2),
      met: growth <= 1.1
    }
  ]
}
