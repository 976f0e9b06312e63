import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { paragraph, type Goal, type Options, type Part, type Section } from '../report.ts'
import { type Flavour, startService } from '../service/process.ts'
import { median, valuesOf, range } from '../statistics.ts'

export const start: Part = { name: 'start', run }

const flavours: readonly Flavour[] = ['npm start', 'npm run start:service', 'built']

async function run ({ quick }: Options): Promise<Section> {
  const rounds = quick ? 1 : 3
  const floor = 'an empty server of Node'
  const measured = new Map(
    [...flavours, floor].map(
      flavour => [flavour, { ready: [] as number[], rss: [] as number[], heap: [] as number[] }]
    )
  )
  for (let round = 0; round < rounds; round++) {
    for (const [flavour, { ready, rss, heap }] of measured) {
      const start = flavour === floor ? await floorOnce() : await startOnce(flavour as Flavour)
      ready.push(start.readyMs)
      rss.push(start.rss)
      heap.push(start.heap)
    }
  }
  return {
    title: 'Start and rest',
    text: [
      paragraph(
        'The integration service starts with an empty SQLite store.',
        'The time runs from the command until `/readyz` answers 200; memory is read two seconds later.',
        '`npm start` adds the simulators of seven vendors and the demonstration data.',
        'Its first start in a clone compiles them, and later starts reuse the result.',
        '`npm run start:service` runs the TypeScript with tsx.',
        '"Built" is the output of `npm run build:service`: a few JavaScript files, as in a production image.',
        'The last row is an empty Node.js server, the lower bound.'
      )
    ],
    tables: [{
      head: ['how', 'ready after, ms', 'resident, MB', 'heap in use, MB'],
      rows: Array.from(
        measured,
        ([flavour, { ready, rss, heap }]) => [flavour, range(ready), range(rss), range(heap)]
      )
    }],
    goals: [
      startGoal('npm start', measured, 1.5, 'npm itself and esbuild come before the service.'),
      startGoal('built', measured, 0.6, 'Node itself and the reading of some 60 packages.'),
      memoryGoal(measured)
    ]
  }
}

type Measured = ReadonlyMap<string, { ready: number[], rss: number[] }>

function startGoal (flavour: Flavour, measured: Measured, seconds: number, bound: string): Goal {
  const ready = median(valuesOf(measured, flavour).ready)
  return {
    work: `start to ready, ${flavour}`,
    goal: `< ${seconds} s`,
    measured: `${(ready / 1000).toFixed(2)} s`,
    met: ready < 1000 * seconds,
    bound
  }
}

function memoryGoal (measured: Measured): Goal {
  const rss = median(valuesOf(measured, 'built').rss)
  return {
    work: 'resident at rest, built',
    goal: '< 110 MB',
    measured: `${rss.toFixed(0)} MB`,
    met: rss < 110,
    bound: 'Node itself takes some 45 MB.'
  }
}

/** Node's own start: a server that does nothing, until it answers. */
async function floorOnce (): Promise<{ readyMs: number, rss: number, heap: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, ['-e', emptyServer], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [port] = await once(child.stdout, 'data') as [Buffer]
  await fetch(`http://127.0.0.1:${port.toString().trim()}`)
  const readyMs = performance.now() - began
  await sleep(2000)
  child.kill('SIGUSR2')
  const [used] = await once(child.stdout, 'data') as [Buffer]
  const { rss, heapUsed } = JSON.parse(used.toString()) as NodeJS.MemoryUsage
  child.kill()
  return { readyMs, rss: Math.round(rss / 1e6), heap: Math.round(heapUsed / 1e6) }
}

const emptyServer = `
  const server = require('node:http').createServer((request, reply) => reply.end())
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
  process.on('SIGUSR2', () => console.log(JSON.stringify(process.memoryUsage())))`

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
