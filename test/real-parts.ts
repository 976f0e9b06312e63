import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { Test } from 'tap'
import { freePort } from '../examples/demo/free-port.ts'

/**
 * Returns why a test that needs a real server is skipped, or false if it can run. With CI=true a
 * missing server fails the test, because a skipped test proves nothing.
 */
export async function missing (
  part: string,
  isThere: () => boolean | Promise<boolean>
): Promise<string | false> {
  if (await isThere()) return false
  if (process.env['CI'] === 'true') throw new Error(`${part} is missing, and CI=true`)
  return `${part} is missing on this machine`
}

export function hasCommand (name: string): boolean {
  return spawnSync(name, ['--version']).error === undefined
}

export async function listensOn (port: number): Promise<boolean> {
  return await new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/**
 * Both usual clients of the machine's Redis, and a prefix for the test's keys. The keys are
 * deleted when the test ends.
 */
export async function redisClients (t: Test) {
  const prefix = `fcc-test:${randomUUID()}:`
  const io = new Redis({ host: '127.0.0.1', port: 6379 })
  const node = createClient({ url: 'redis://127.0.0.1:6379' })
  await node.connect()
  t.after(async () => {
    const left = await io.keys(`${prefix}*`)
    if (left.length > 0) await io.del(...left)
    io.disconnect()
    node.destroy()
  })
  return { io, node, prefix }
}

/**
 * A server of the test's own, which it can kill and start again. It ends with the test.
 */
export interface Restartable {
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * `start` throws if the server does not answer within a minute: machines that run tests are busy.
 */
function restartable (
  t: Test,
  spawnPart: () => ChildProcess,
  signal: 'SIGKILL' | 'SIGQUIT',
  answers: () => boolean | Promise<boolean>
): Restartable {
  let child: ChildProcess | undefined
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  t.after(stop)
  return {
    async start () {
      child = spawnPart()
      for (const deadline = Date.now() + 60_000; !await answers(); await wait(50)) {
        if (Date.now() > deadline) throw new Error(`${child.spawnfile} does not answer`)
      }
    },
    stop
  }
}

/** A Redis of the test's own, with more settings as on its command line. */
export async function privateRedis (
  t: Test,
  settings: readonly string[] = []
): Promise<Restartable & { port: number }> {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'redis-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const part = restartable(
    t,
    () =>
      spawn('redis-server', [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        dir,
        ...settings
      ], { stdio: 'ignore' }),
    'SIGKILL',
    async () => await listensOn(port)
  )
  await part.start()
  return { port, ...part }
}

/** A Redis cluster of the test's own: three servers that share the slots. */
export async function redisCluster (t: Test): Promise<{ port: number }> {
  const servers = []
  for (let i = 0; i < 3; i++) {
    const bus = await freePort()
    servers.push({
      bus,
      ...await privateRedis(t, ['--cluster-enabled', 'yes', '--cluster-port', String(bus)])
    })
  }
  const clients = servers.map(({ port }) => new Redis({ host: '127.0.0.1', port }))
  const [first] = clients
  for (const [i, client] of clients.entries()) {
    const share = Math.ceil(16384 / clients.length)
    const end = Math.min(16383, (i + 1) * share - 1)
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(end))
    const { port, bus } = servers[i] as typeof servers[number]
    await first?.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(bus))
  }
  const ready = async () =>
    (await Promise.all(clients.map(async client => String(await client.call('CLUSTER', 'INFO')))))
      .every(info => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'))
  for (const deadline = Date.now() + 60_000; !await ready(); await wait(50)) {
    if (Date.now() > deadline) throw new Error('the Redis cluster does not start')
  }
  for (const client of clients) client.disconnect()
  return { port: servers[0]?.port as number }
}

/**
 * The folder of PostgreSQL's programs, which Debian keeps out of the path; null if there is none.
 */
export function postgresPrograms (): string | null {
  const root = '/usr/lib/postgresql'
  const folders = existsSync(root)
    ? readdirSync(root).map(version => join(root, version, 'bin'))
    : []
  return folders.find(folder => existsSync(join(folder, 'initdb'))) ?? null
}

/** A PostgreSQL of the test's own. */
export async function privatePostgres (t: Test): Promise<Restartable & { url: string }> {
  const programs = postgresPrograms()
  if (programs === null) throw new Error('PostgreSQL is not installed')
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'postgres-'))
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (user.uid !== undefined) chownSync(dir, user.uid, user.gid)
  const made = spawnSync(join(programs, 'initdb'), [
    '-D',
    dir,
    '-A',
    'trust',
    '-U',
    'root',
    '--no-sync'
  ], { cwd: dir, encoding: 'utf8', ...user })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  const answers = (): boolean =>
    spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)])
      .status === 0
  const part = restartable(
    t,
    () =>
      spawn(join(programs, 'postgres'), [
        '-D',
        dir,
        '-p',
        String(port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        `unix_socket_directories=${dir}`
      ], { cwd: dir, stdio: 'ignore', ...user }),
    'SIGQUIT',
    answers
  )
  await part.start()
  return { url: `postgres://root@127.0.0.1:${port}/postgres`, ...part }
}

function idOf (option: '-u' | '-g'): number {
  return Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout)
}
