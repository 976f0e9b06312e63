import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../examples/demo/free-port.ts'

/** Keys of nobody. The service refuses those of its demonstration. */
export const secrets = Object.fromEntries(
  [
    'ORACLE_CSC_KEY',
    'CONTIPLE_KEY',
    'ONLINE_CONTACT_KEY',
    'ITX_SECRET',
    'AICC_SECRET',
    'AICC_ACCESS_TOKEN',
    'AICC_GATE'
  ].map(name => [name, `bench-${name.toLowerCase()}-0000001`])
)

/** How its code gets into Node. */
export type Flavour = 'npm start' | 'npm run start:service' | 'built' | 'floor'

export interface Service {
  readonly url: string
  /** From the start of the command until it is ready. */
  readonly readyMs: number
  /** CPU seconds of its process so far. */
  cpu(): number
  /** In megabytes, when it has been idle for a moment. */
  memory(): Promise<{ heap: number, rss: number }>
  stop(): Promise<void>
}

/** The service in a process of its own, ready. */
export async function startService (
  databaseUrl: string,
  { flavour = 'built', env = {} }: {
    flavour?: Flavour,
    env?: Record<string, string>
  } = {}
): Promise<Service> {
  const port = flavour === 'npm start' ? await firstOfFreePorts(9) : await freePort()
  const began = performance.now()
  const [command, ...args] = {
    // With the vendors' simulators.
    'npm start': ['npm', 'start', '--silent'] as const,
    'npm run start:service': ['npm', 'run', '--silent', 'start:service'] as const,
    built: [process.execPath, 'bench/dist/built/server.js'] as const,
    // Not the service: the routes of floor.ts over the same store.
    floor: [process.execPath, 'bench/dist/bench/service/floor.js'] as const
  }[flavour]
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own: npm and tsx stand between us and the service.
    detached: true,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ...secrets,
      ...Object.fromEntries(
        ['ORACLE_CSC_URL', 'ONLINE_CONTACT_URL', 'ITX_PLUGIN_URL', 'AICC_URL'].map(
          name => [name, 'http://127.0.0.1:9']
        )
      ),
      ONLINE_CONTACT_SERVICE: 'bench',
      ...env
    }
  })
  const url = `http://127.0.0.1:${port}`
  while (!await fetch(`${url}/readyz`).then(reply => reply.ok, () => false)) {
    if (child.exitCode !== null) throw new Error('the service did not start')
    await sleep(5)
  }
  const readyMs = performance.now() - began
  const { pid = 0 } = child
  const service = findWorker(pid)
  return {
    url,
    readyMs,
    cpu: () => cpuSeconds(service),
    async memory () {
      await sleep(2000)
      const text = await (await fetch(`${url}/metrics`)).text()
      const value = (name: string): number =>
        Math.round(Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]) / 1e6)
      return {
        heap: value('nodejs_heap_size_used_bytes'),
        rss: value('process_resident_memory_bytes')
      }
    },
    async stop () {
      const exit = new Promise(resolve => child.once('exit', resolve))
      process.kill(service, 'SIGTERM')
      await exit
    }
  }
}

/**
 * The last of the line of children: npm starts a shell, which starts tsx, which starts the service.
 * Their compilers are beside the line.
 */
function findWorker (pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number)
    .filter(child => child > 0)
  const next = children.find(child =>
    /integration-service\/server|tools\/run|examples\/start/.test(
      readFileSync(`/proc/${child}/cmdline`, 'utf8')
    )
  )
  return next === undefined ? pid : findWorker(next)
}

/** What Linux has counted for the threads of the process, in its nanoseconds. */
function cpuSeconds (pid: number): number {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks).reduce((sum, thread) => {
    const [cpuNanoseconds] = readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ').map(
      Number
    )
    return sum + (cpuNanoseconds ?? 0) / 1e9
  }, 0)
}

/**
 * The first of some free ports in a row. Below 32768, because Linux gives the ports above to
 * outgoing connections at any time.
 */
async function firstOfFreePorts (count: number): Promise<number> {
  for (let first = 20_000; first < 32_000; first += count) {
    const ports = Array.from({ length: count }, (_, index) => first + index)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
  throw new Error(`no ${count} ports in a row are free`)
}

async function isFree (port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
