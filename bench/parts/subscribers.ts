import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../examples/integration-service/store/index.ts'
import { seedDemo } from '../../examples/integration-service/store/seed.ts'
import { paragraph, type Options, type Part, type Section } from '../report.ts'
import { signIn } from '../service/desk-streams.ts'
import { postCallbacks } from '../service/load.ts'
import { type Service, startService } from '../service/process.ts'
import { least } from '../statistics.ts'

export const subscribers: Part = { name: 'subscribers', run }

const sizes = [1, 10, 100, 500]

async function run ({ quick }: Options): Promise<Section> {
  const events = quick ? 50 : 200
  const folder = mkdtempSync(join(tmpdir(), 'bench-subscribers-'))
  const url = `file:${join(folder, 'store.db')}`
  const store = await openStore(url)
  await seedDemo(store)
  await store.close()
  const service = await startService(url)
  const readers = new Readers(service, await signIn(service.url))
  try {
    await postCallbacks([service], 2000, 10)
    const points: Array<[number, number]> = []
    for (const size of sizes) {
      await readers.grow(size)
      const costs = []
      for (let round = 0; round < (quick ? 1 : 3); round++) costs.push(await readers.costOf(events))
      points.push([size, least(costs)])
    }
    return {
      title: 'Subscribers to live events',
      text: [
        paragraph(
          'The CPU of the service for one callback, with its delivery to every desktop on `/api/events`.',
          `${events} callbacks arrive one after the other.`,
          'A round ends when every desktop has every event.'
        )
      ],
      tables: [],
      lines: [{
        name: 'one callback, desktops that follow',
        unit: 'µs of service CPU',
        shape: 'linear',
        why:
          'each desktop is written to separately; below a hundred, the callback itself costs more',
        points
      }]
    }
  } finally {
    readers.close()
    await service.stop()
    rmSync(folder, { recursive: true })
  }
}

/** Desktops that count the events they are sent. */
class Readers {
  readonly #service: Service
  readonly #cookie: string
  readonly #agent = new Agent({ keepAlive: false })
  readonly #counts: number[] = []

  constructor (service: Service, cookie: string) {
    this.#service = service
    this.#cookie = cookie
  }

  async grow (size: number): Promise<void> {
    while (this.#counts.length < size) {
      await Promise.all(
        Array.from({ length: Math.min(50, size - this.#counts.length) }, async () => {
          await this.#open()
        })
      )
    }
  }

  /** Microseconds of the service's CPU for each of so many callbacks that everybody is told of. */
  async costOf (events: number): Promise<number> {
    this.#counts.fill(0)
    await sleep(300)
    const before = this.#service.cpu()
    await postCallbacks([this.#service], events, 1)
    for (let waited = 0; this.#counts.some(count => count < events); waited += 5) {
      if (waited > 20_000) throw new Error('some desktops were not told of every event')
      await sleep(5)
    }
    return 1e6 * (this.#service.cpu() - before) / events
  }

  close (): void {
    this.#agent.destroy()
  }

  async #open (): Promise<void> {
    const index = this.#counts.push(0) - 1
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${this.#service.url}/api/events`, {
        agent: this.#agent,
        headers: { cookie: this.#cookie }
      }, resolve).once('error', reject)
    })
    if (reply.statusCode !== 200) throw new Error(`events: ${reply.statusCode}`)
    await new Promise<void>(resolve => {
      let unread = ''
      reply.setEncoding('utf8').on('error', () => {}).on('data', (text: string) => {
        resolve()
        const messages = (unread + text).split('\n\n')
        unread = messages.pop() ?? ''
        this.#counts[index] = (this.#counts[index] ?? 0) +
          messages.filter(message => message.includes('\nevent: call.released\n')).length
      })
    })
  }
}
