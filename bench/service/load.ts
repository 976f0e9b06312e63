import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { storeCallbacks } from '../../examples/integration-service/calls/store-callbacks.ts'
import { openStore } from '../../examples/integration-service/store/index.ts'
import { scheme } from '../../plugins/huawei-aicc/index.ts'
import { secrets, type Service } from './process.ts'
import { rowOf } from './rows.ts'

export interface Measured {
  /** A second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Spent by the services' processes while this was measured. */
  readonly serviceCpuSeconds: number
}

/**
 * Posts so many fresh signed release callbacks over so many connections, in turn to each of the
 * services.
 * @throws when one is not answered with success
 */
export async function postCallbacks (
  services: readonly Service[],
  count: number,
  connections: number
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: Math.ceil(connections / services.length) })
  const bodies = Array.from({ length: count }, createSignedRelease)
  const cpu = (): number => services.reduce((sum, service) => sum + service.cpu(), 0)
  const before = cpu()
  const times = await timeRuns(count, connections, async index => {
    await post(
      `${services[index % services.length]?.url ?? ''}/aicc/released`,
      bodies[index] ?? '',
      agent
    )
  })
  agent.destroy()
  return { ...times, serviceCpuSeconds: cpu() - before }
}

/** The same rows by the same commit policy, straight into the store. */
export async function storeCallbacksAlone (
  databaseUrl: string,
  count: number,
  width: number
): Promise<Measured> {
  const store = await openStore(databaseUrl)
  const storeCallback = store.batch(storeCallbacks)
  const bodies = Array.from({ length: count }, createSignedRelease)
  const times = await timeRuns(count, width, async index => {
    const body = bodies[index] ?? ''
    const { callSerialNo, called } = JSON.parse(body) as { callSerialNo: string, called: string }
    await storeCallback(rowOf(callSerialNo, body, called))
  })
  await store.close()
  return { ...times, serviceCpuSeconds: 0 }
}

let serials = 0

function createSignedRelease (): string {
  const params = {
    callSerialNo: `${Date.now()}${String(++serials).padStart(7, '0')}`,
    serviceNo: '',
    caller: '+82215881001',
    // Each call is another customer's.
    called: `+8210${10_000_000 + serials % 90_000_000}`,
    talkDuration: '60',
    releaseReason: '0'
  }
  const signed = { timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') }
  return JSON.stringify({
    ...params,
    ...signed,
    signature: scheme.sign({ params, ...signed }, secrets['AICC_SECRET'] ?? '')
  })
}

async function timeRuns (
  count: number,
  width: number,
  run: (index: number) => Promise<void>
): Promise<Omit<Measured, 'serviceCpuSeconds'>> {
  const times: number[] = []
  let next = 0
  const start = performance.now()
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) {
      const index = next++
      const before = performance.now()
      await run(index)
      times.push(performance.now() - before)
    }
  }))
  const seconds = (performance.now() - start) / 1000
  times.sort((a, b) => a - b)
  const quantile = (part: number): number =>
    times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? NaN
  return { rate: count / seconds, p50: quantile(0.5), p99: quantile(0.99) }
}

async function post (url: string, body: string, agent: Agent): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': body.length }
    }, (reply) => {
      let text = ''
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      }).on('error', reject)
        .on(
          'end',
          () =>
            reply.statusCode === 200 && text.includes('"retCode":"0"')
              ? resolve()
              : reject(new Error(`${reply.statusCode} ${text}`))
        )
    })
    sent.on('error', reject).end(body)
  })
}
