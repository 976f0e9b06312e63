import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { scheme } from '../../plugins/huawei-aicc/index.ts'
import { keepCallbacks } from '../../examples/integration-service/calls/keep.ts'
import { openStore } from '../../examples/integration-service/store/index.ts'
import { stages } from '../../examples/integration-service/store/calls.ts'

const secret = 'bench-huawei-aicc-secret-1'
const port = Number(process.env['BENCH_PORT'] ?? 43_117)

export interface Measured {
  /** A second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Spent by the service's process while this was measured. */
  readonly serviceCpuSeconds: number
}

let servicePid = 0

/** `npm run start:service` in a process of its own. */
export async function startService (databaseUrl: string) {
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=fastify-contact-center-source', 'examples/integration-service/server.ts'], {
    stdio: 'inherit',
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      AICC_SECRET: secret,
      ...Object.fromEntries(['ORACLE_CSC_KEY', 'CONTIPLE_KEY', 'ONLINE_CONTACT_KEY', 'ITX_SECRET', 'AICC_ACCESS_TOKEN', 'AICC_GATE'].map(name => [name, `bench-${name.toLowerCase()}-0000001`])),
      ...Object.fromEntries(['ORACLE_CSC_URL', 'ONLINE_CONTACT_URL', 'ITX_PLUGIN_URL', 'AICC_URL'].map(name => [name, 'http://127.0.0.1:9'])),
      ONLINE_CONTACT_SERVICE: 'bench'
    }
  })
  servicePid = child.pid ?? 0
  const url = `http://127.0.0.1:${port}`
  while (!await fetch(`${url}/readyz`).then(reply => reply.ok, () => false)) {
    if (child.exitCode !== null) throw new Error('the service did not start')
    await sleep(50)
  }
  return {
    url,
    /** In megabytes, when it has been idle for a moment. */
    async memory () {
      await sleep(2000)
      const text = await (await fetch(`${url}/metrics`)).text()
      const value = (name: string) => Math.round(Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]) / 1e6)
      return { heap: value('nodejs_heap_size_used_bytes'), rss: value('process_resident_memory_bytes') }
    },
    async stop () {
      const gone = new Promise(resolve => child.once('exit', resolve))
      child.kill()
      await gone
    }
  }
}

/** Posts so many fresh signed release callbacks over so many connections. @throws when one is not answered with success */
export async function callbacks (url: string, count: number, connections: number): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const bodies = Array.from({ length: count }, signedRelease)
  const cpu = cpuSeconds(servicePid)
  const measured = await timed(count, connections, async index => { await post(`${url}/aicc/released`, bodies[index] ?? '', agent) })
  agent.destroy()
  return { ...measured, serviceCpuSeconds: cpuSeconds(servicePid) - cpu }
}

/** The same rows by the same commit policy, straight into the store. */
export async function storeAlone (databaseUrl: string, count: number, width: number): Promise<Measured> {
  const store = await openStore(databaseUrl)
  const keep = store.batch(keepCallbacks)
  const bodies = Array.from({ length: count }, signedRelease)
  const measured = await timed(count, width, async index => {
    const body = bodies[index] ?? ''
    const now = Date.now()
    await keep({
      kind: 'released',
      body,
      now,
      fact: {
        call_serial_no: serialOf(body),
        agent_id: null,
        caller: '+82215881001',
        called: '+821012345678',
        customer_number: '+821012345678',
        stage: stages.released,
        connected_at: null,
        released_at: now,
        release_reason: '0',
        talk_seconds: '60'
      }
    })
  })
  await store.close()
  return { ...measured, serviceCpuSeconds: 0 }
}

/** The median and the extremes. */
export function range (values: number[], digits = 0): string {
  const sorted = values.toSorted((a, b) => a - b).map(value => value.toFixed(digits))
  return `${sorted[Math.floor(sorted.length / 2)]} (${sorted[0]} to ${sorted.at(-1)})`
}

let serials = 0

function signedRelease (): string {
  const params = { callSerialNo: `${Date.now()}${String(++serials).padStart(7, '0')}`, serviceNo: '', caller: '+82215881001', called: '+821012345678', talkDuration: '60', releaseReason: '0' }
  const signed = { timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') }
  return JSON.stringify({ ...params, ...signed, signature: scheme.sign({ params, ...signed }, secret) })
}

function serialOf (body: string): string {
  return body.slice(17, 37)
}

async function timed (count: number, width: number, run: (index: number) => Promise<void>): Promise<Omit<Measured, 'serviceCpuSeconds'>> {
  const times: number[] = []
  let next = 0
  const begin = performance.now()
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) {
      const index = next++
      const before = performance.now()
      await run(index)
      times.push(performance.now() - before)
    }
  }))
  const seconds = (performance.now() - begin) / 1000
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? NaN
  return { rate: count / seconds, p50: at(0.5), p99: at(0.99) }
}

async function post (url: string, body: string, agent: Agent): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('error', reject)
        .on('end', () => reply.statusCode === 200 && text.includes('"retCode":"0"') ? resolve() : reject(new Error(`${reply.statusCode} ${text}`)))
    })
    sent.on('error', reject).end(body)
  })
}

/** What Linux has counted for the process, in its hundredths of a second. */
function cpuSeconds (pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user, system] = fields.split(' ').slice(11, 13).map(Number)
  return ((user ?? 0) + (system ?? 0)) / 100
}
