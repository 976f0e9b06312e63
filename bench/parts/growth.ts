import Fastify, { type FastifyRequest } from 'fastify'
import contiple from '../../plugins/contiple/index.ts'
import { parseWireJson } from '../../plugins/kit/index.ts'
import { matchingKey } from '../../plugins/kit/route/verify.ts'
import { scheme as standardWebhooks } from '../../plugins/standard-webhooks/scheme.ts'
import { bare, contiple as entry, type Entry } from '../http/list.ts'
import { serverCpu } from '../http/measure.ts'
import { nanoseconds, type Work } from '../in-process.ts'
import { paragraph, type Line, type Options, type Part, type Section } from '../report.ts'
import { contipleRequest, jsonText, lookup, postJson, schemes, secret } from '../samples.ts'
import { least, valuesOf } from '../statistics.ts'

export const growth: Part = { name: 'growth', run }

const timestamp = String(Date.now())

async function run (options: Options): Promise<Section> {
  const timing = options.quick ? { rounds: 2, milliseconds: 10 } : { rounds: 5, milliseconds: 40 }
  const measureInProcess = async (
    name: string,
    sizes: readonly number[],
    shape: Line['shape'],
    reason: string,
    work: (size: number) => Work['run']
  ): Promise<Line> => {
    const works = sizes.map(size => ({ name: String(size), run: work(size) }))
    const times = await nanoseconds(works, timing)
    return {
      name,
      unit: 'µs',
      shape,
      why: reason,
      points: sizes.map(size => [size, least(valuesOf(times, String(size))) / 1000])
    }
  }
  return {
    title: 'Bodies, parameters, keys and tenants',
    text: [
      paragraph(
        'Bodies are sent over HTTP, and their cost is CPU of the server.',
        'The rest is timed in this process.',
        '"Cost as the work grows" has the results.'
      )
    ],
    tables: [],
    lines: [
      ...await measureBodies(options),
      await measureInProcess(
        'huawei-aicc verify, parameters',
        [5, 50, 500, 5000],
        'linear',
        'each is read, sorted by name and signed',
        verifyParameters
      ),
      await measureInProcess(
        'contiple verify, keys in a rotation',
        [1, 2, 5, 10],
        'linear',
        'the oldest key matches: one MAC for each key',
        verifyKeys
      ),
      await measureInProcess(
        'standard-webhooks verify, signatures in the header',
        [1, 2, 5, 10],
        'linear',
        'one MAC, and one comparison for each signature; the last one matches',
        signatures
      ),
      await measureInProcess(
        'lossless JSON, bytes',
        [100, 1000, 10_000, 100_000, 1_000_000],
        'linear',
        'each character is read once; the limit of a signed route is 64 KiB',
        parseJsonBytes
      ),
      await measureInProcess(
        'contiple verify, tenants with looked-up keys',
        [1, 10, 100, 1000, 10_000, 100_000],
        'flat',
        "one look into a map, whose memory the processor's caches hold less and less of",
        verifyTenants
      )
    ]
  }
}

const bodySizes = [100, 1000, 10_000, 100_000, 1_000_000]

async function measureBodies ({ quick }: Options): Promise<Line[]> {
  const bareCosts: Array<[number, number]> = []
  const verifiedCosts: Array<[number, number]> = []
  for (const size of bodySizes) {
    const body = jsonText({ callNum: '+821012345678' }, size)
    const entries: Entry[] = [{ ...bare, good: () => postJson(body) }, {
      ...entry,
      argument: 'large bodies',
      good: () => contipleRequest({ body })
    }]
    const requests = Math.max(20, Math.min(1000, Math.round(20_000_000 / size / 10) * 10)) /
      (quick ? 2 : 1)
    const times = await serverCpu(entries, {
      rounds: quick ? 2 : 6,
      requests,
      warm: Math.min(4000, 4 * requests)
    })
    bareCosts.push([size, least(valuesOf(times, bare.name))])
    verifiedCosts.push([size, least(valuesOf(times, entry.name))])
  }
  const reason =
    'each byte is read, decoded and parsed once; below 10 kB, the request costs more than its body'
  return [
    {
      name: 'bare route, bytes of the body',
      unit: 'µs of server CPU',
      shape: 'linear',
      why: reason,
      points: bareCosts
    },
    {
      name: 'contiple route, bytes of the body',
      unit: 'µs of server CPU',
      shape: 'linear',
      why: `${reason}; MAC and UTF-8 check are linear, too`,
      points: verifiedCosts
    }
  ]
}

/** The JSON text of so many parameters, so that reading it counts. */
function verifyParameters (count: number): Work['run'] {
  const params = JSON.stringify(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`p${(index * 7919) % count}`, `value ${index}`])
    )
  )
  const input = { params, timestamp, nonce: 'a'.repeat(32) }
  const signature = schemes.huaweiAicc.sign(input, secret)
  return () => schemes.huaweiAicc.verify(input, signature, secret)
}

function verifyKeys (count: number): Work['run'] {
  const input = { body: Buffer.from(lookup()), timestamp }
  const ring = Array.from(
    { length: count },
    (_, index) => {
      const text = `${secret} ${index}`
      return { id: String(index), secret: text, parsed: schemes.contiple.readKey?.(text) }
    }
  )
  const signature = schemes.contiple.sign(input, ring.at(-1)?.secret ?? '')
  return () => matchingKey(schemes.contiple, { input, signature }, ring)?.id === String(count - 1)
}

function signatures (count: number): Work['run'] {
  const input = {
    id: 'msg_2a',
    timestamp: String(Math.floor(Date.now() / 1000)),
    body: Buffer.from(lookup())
  }
  const key = `whsec_${secret}`
  const wrongSignature = `v1,${'A'.repeat(43)}=`
  const header = [
    ...new Array<string>(count - 1).fill(wrongSignature),
    standardWebhooks.sign(input, key)
  ].join(' ')
  const parsed = standardWebhooks.readKey?.(key)
  return () => standardWebhooks.verify(input, header, key, parsed)
}

/** Objects of a few names and numbers, which cost more than one long text. */
function parseJsonBytes (bytes: number): Work['run'] {
  const callback = '{"callNum":"+821012345678","at":1767225600000}'
  const text = `[${
    new Array<string>(Math.ceil(bytes / (callback.length + 1))).fill(callback).join(',')
  }]`
  return () => Array.isArray(parseWireJson(text, 'body'))
}

/** Each call for the next tenant, all of whose keys are in the cache. */
function verifyTenants (count: number): Work['run'] {
  const app = Fastify()
  const secretOf = (tenant: string): string => `${secret} ${tenant}`
  const tenantOf = (request: FastifyRequest): string => String(request.headers['x-tenant'])
  app.register(contiple, {
    keys: request => [{ id: 'one', secret: secretOf(tenantOf(request)) }],
    tenant: tenantOf,
    keyCache: { max: count, ttlMs: 3_600_000 }
  })
  const input = { body: Buffer.from(lookup()), timestamp }

  const requests = Array.from(
    { length: count },
    (_, index) => ({ headers: { 'x-tenant': `tenant-${index}` } }) as unknown as FastifyRequest
  )
  const signatures = requests.map(request =>
    schemes.contiple.sign(input, secretOf(tenantOf(request)))
  )
  const fillCache = async (): Promise<void> => {
    await app.ready()
    for (const request of requests) await app.contiple.verifyInput(input, '', request)
  }
  let filled: Promise<void> | undefined
  let next = 0
  return async () => {
    await (filled ??= fillCache())
    const index = next++ % count
    return await app.contiple.verifyInput(input, signatures[index] ?? '', requests[index]) === 'one'
  }
}
