import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Options, Part, Section } from '../report.ts'
import { type Flavour, startService } from '../service/process.ts'
import { median, range } from '../statistics.ts'

export const start: Part = { name: 'start', run }

const flavours: readonly Flavour[] = ['npm run start:service', 'compiled']

async function run ({ quick }: Options): Promise<Section> {
  const rounds = quick ? 1 : 3
  const measured = new Map(
    flavours.map(
      flavour => [flavour, { ready: [] as number[], rss: [] as number[], heap: [] as number[] }]
    )
  )
  for (let round = 0; round < rounds; round++) {
    for (const [flavour, { ready, rss, heap }] of measured) {
      const once = await startOnce(flavour)
      ready.push(once.readyMs)
      rss.push(once.rss)
      heap.push(once.heap)
    }
  }
  return {
    title: 'Start and rest',
    text: [
      'The integration service with an empty SQLite store: the time from the command until `/readyz` answers 200, and the resident memory two seconds later. `npm run start:service` compiles TypeScript at every start. "Compiled" is the same code as JavaScript, `node server.js`, as in an image for production.'
    ],
    tables: [{
      head: ['how', 'ready after, ms', 'resident, MB', 'heap in use, MB'],
      rows: Array.from(
        measured,
        ([flavour, { ready, rss, heap }]) => [flavour, range(ready), range(rss), range(heap)]
      )
    }],
    goals: Array.from(measured).flatMap(([flavour, { ready, rss }]) => {
      const seconds = flavour === 'compiled' ? 0.6 : 1.5
      return [{
        work: `start to ready, ${flavour}`,
        goal: `< ${seconds} s`,
        measured: `${(median(ready) / 1000).toFixed(2)} s`,
        met: median(ready) < 1000 * seconds,
        bound: flavour === 'compiled'
          ? 'It loads some 1270 modules, two fifths of them of Kysely and TypeBox; Ajv compiles the schemas of all routes.'
          : 'npm, tsx and the compiling of TypeScript come before the service.'
      }, {
        work: `resident at rest, ${flavour}`,
        goal: '< 110 MB',
        measured: `${median(rss).toFixed(0)} MB`,
        met: median(rss) < 110,
        bound: flavour === 'compiled'
          ? 'Node itself takes some 45 MB; the rest is modules, the OpenAPI documents and the database engine.'
          : 'tsx and its source maps stay in the process.'
      }]
    })
  }
}

async function startOnce (
  flavour: Flavour
): Promise<{ readyMs: number, rss: number, heap: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-start-'))
  const service = await startService(`file:${join(folder, 'store.db')}`, { flavour })
  try {
    return { readyMs: service.readyMs, ...await service.memory() }
  } finally {
    await service.stop()
    rmSync(folder, { recursive: true })
  }
}
