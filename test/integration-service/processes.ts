import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { scheme } from 'fastify-contact-center/huawei-aicc'
import type { Test } from 'tap'
import { seedDemo } from '../../examples/integration-service/store/seed.ts'
import { freePort } from '../../examples/demo/free-port.ts'
import { openPatientStore, settings } from './helper.ts'
import { childEnv, compiled } from '../helper.ts'

/** Secrets other than the published ones, which `server.ts` refuses. */
export const secrets = {
  ORACLE_CSC_KEY: 'processes-oracle-csc-key-1',
  CONTIPLE_KEY: 'processes-contiple-key-001',
  ONLINE_CONTACT_KEY: 'processes-online-contact-1',
  ITX_SECRET: 'processes-itx-chat-secret1',
  AICC_SECRET: 'processes-huawei-secret-01',
  AICC_ACCESS_TOKEN: 'processes-huawei-token-01',
  AICC_GATE: 'processes-huawei-gate-0001',
  WHATSAPP_APP_SECRET: 'processes-whatsapp-secret-1',
  WHATSAPP_VERIFY_TOKEN: 'processes-whatsapp-verify-1',
  WHATSAPP_ACCESS_TOKEN: 'processes-whatsapp-token-01',
  LINE_CHANNEL_SECRET: 'processes-line-secret-00001',
  LINE_CHANNEL_ACCESS_TOKEN: 'processes-line-token-00001',
  TWILIO_AUTH_TOKEN: 'processes-twilio-token-0001'
}

export interface ServiceProcess {
  readonly url: string
  readonly pid: number
  /** Resolves when the process has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/**
 * Starts the service in its own process, and resolves once it is ready. With `mayFail`, an exit
 * code other than 0 does not fail the test.
 */
export async function startProcess (
  t: Test,
  env: Record<string, string>,
  { mayFail = false }: { mayFail?: boolean } = {}
): Promise<ServiceProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [
    ...compiled,
    'examples/integration-service/server.ts'
  ], {
    env: {
      ...childEnv,
      ...settings,
      ...secrets,
      PUBLIC_URL: 'http://cti.test',
      LOG_LEVEL: 'error',
      PORT: String(port),
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let printed = ''
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-10_000)
    })
  }
  child.once('exit', (code) => {
    if (code !== null && code !== 0 && !mayFail) t.fail(`the service ended by itself:\n${printed}`)
  })
  t.after(async () => await end(child, 'SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  while (!await fetch(`${url}/readyz`).then(reply => reply.ok, () => false)) {
    if (child.exitCode !== null || child.pid === undefined) {
      throw new Error(`the service ended before it was ready:\n${printed}`)
    }
    await sleep(20)
  }
  return { url, pid: child.pid ?? 0, end: async signal => await end(child, signal) }
}

async function end (child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise(resolve => child.once('exit', resolve))
  child.kill(signal)
  await exited
}

/** Adds the demonstration agents and customers; service processes do not. */
export async function seed (databaseUrl: string): Promise<void> {
  const store = await openPatientStore(databaseUrl)
  await seedDemo(store)
  await store.close()
}

let serials = 0

/** A release callback of a new call, signed like Huawei's. */
export function releaseCallback (): { callSerialNo: string, body: string } {
  const callSerialNo = `${Date.now()}${String(++serials).padStart(6, '0')}`
  const params = {
    callSerialNo,
    serviceNo: '',
    caller: '+82215881001',
    called: '+821012345678',
    talkDuration: '60',
    releaseReason: '0'
  }
  const signed = { timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') }
  const signature = scheme.sign({ params, ...signed }, secrets.AICC_SECRET)
  return { callSerialNo, body: JSON.stringify({ ...params, ...signed, signature }) }
}

/**
 * Posts a release callback. Returns the status and Huawei's retCode, or status 0 without a reply.
 */
export async function post (
  url: string,
  body: string
): Promise<{ status: number, retCode: string }> {
  try {
    const reply = await fetch(`${url}/aicc/released`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(15_000)
    })
    const { retCode } = await reply.json() as { retCode: string }
    return { status: reply.status, retCode }
  } catch {
    return { status: 0, retCode: '' }
  }
}

/**
 * Posts new callbacks, several at a time, until stopped. `acknowledged` has the IDs of those that
 * were answered with success.
 */
export function load (url: string, width = 8) {
  const acknowledged: string[] = []
  const statuses = new Map<number, number>()
  const stopping = new AbortController()
  const lanes = Array.from({ length: width }, async () => {
    while (!stopping.signal.aborted) {
      const { callSerialNo, body } = releaseCallback()
      const { status, retCode } = await post(url, body)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status === 200 && retCode === '0') acknowledged.push(callSerialNo)
      // Refusals are fast: do not spin on them.
      if (status !== 200) await sleep(10)
    }
  })
  return {
    acknowledged,
    statuses,
    async stop () {
      stopping.abort()
      await Promise.all(lanes)
    }
  }
}

/**
 * Asserts that each acknowledged callback is stored, merged into its call and published once, and
 * that event IDs have no gaps.
 */
export async function assertKept (
  t: Test,
  databaseUrl: string,
  acknowledged: readonly string[]
): Promise<void> {
  const store = await openPatientStore(databaseUrl)
  const { callbacks, calls, events } = await store.read(async db => ({
    callbacks: await db.selectFrom('call_callbacks').select('call_serial_no').where(
      'kind',
      '=',
      'released'
    ).execute(),
    calls: await db.selectFrom('calls').select('call_serial_no').where('stage', '=', 3).execute(),
    events: await db.selectFrom('events').selectAll().orderBy('id').execute()
  }))
  await store.close()
  const [stored, merged] = [callbacks, calls].map(rows =>
    new Set(rows.map(row => row.call_serial_no))
  )
  const published = events.filter(({ kind }) => kind === 'call.released').map(({ data }) =>
    (JSON.parse(data) as { callSerialNo: string }).callSerialNo
  )
  const distinct = new Set(published)
  t.same(
    acknowledged.filter(serial => stored?.has(serial) !== true),
    [],
    `${acknowledged.length} acknowledged: all stored`
  )
  t.same(
    acknowledged.filter(serial => merged?.has(serial) !== true),
    [],
    'all merged into their calls'
  )
  t.same(acknowledged.filter(serial => !distinct.has(serial)), [], 'all published')
  t.equal(published.length, distinct.size, 'none published twice')
  t.same(events.map(({ id }) => id), events.map((_, index) => index + 1), 'event IDs have no gaps')
}
