// The faults that every vendor has who calls a service of yours and signs the call. They come from
// the vendor's own plugin: its headers, its window, and whether it refuses copies.
import { createPrivateKey, generateKeyPairSync, sign as signWith } from 'node:crypto'
import { request as send } from 'node:http'
import { request as sendSecurely } from 'node:https'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import type { Expected, Finding, Got } from '../simulators/shared/faults.ts'
import { oldKey } from '../simulators/shared/common-settings.ts'
import type { Settings } from '../simulators/shared/settings.ts'
import { UsageError } from './settings.ts'
import { labVendors, type LabVendor } from './vendors.ts'

type Headers = Record<string, string | string[]>
type Checked = Omit<LabVendor, 'create'>
interface Call {
  readonly headers: Headers
  readonly body: string
}
interface Fault {
  readonly title: string
  readonly expected: Expected
  readonly why: string
  /** Sent one after the other; the answer to the last one counts. Undefined: no key of before. */
  calls(): Promise<readonly Call[]> | undefined
}
interface Definition {
  readonly default: FastifyPluginAsync<Record<string, unknown>> & {
    readonly vendor: {
      readonly tolerance: number | { pastMs: number, futureMs: number } | undefined,
      readonly refusesCopies: boolean
    }
  }
}
type Sign = (body: unknown) => Promise<Headers>

const form = 'application/x-www-form-urlencoded'
/** A key that everybody knows, of the vendor's form, and the header with the signature. */
const known = {
  zoom: ['lab-zoom-secret-token-01', 'x-zm-signature'],
  whatsapp: ['0123456789abcdef0123456789abcd01', 'x-hub-signature-256'],
  line: ['0123456789abcdef0123456789abcd02', 'x-line-signature'],
  'standard-webhooks': [
    `whsec_${Buffer.from('lab-standard-webhooks-key-000001').toString('base64')}`,
    'webhook-signature'
  ],
  telnyx: [
    'MC4CAQAwBQYDK2VwBCIEIGxhYi10ZWxueXgtcHJpdmF0ZS1rZXktMDAwMDAwMDAx',
    'telnyx-signature-ed25519'
  ],
  vonage: ['lab-vonage-signature-secret-0001', 'authorization'],
  twilio: ['0123456789abcdef0123456789abcd03', 'x-twilio-signature'],
  zendesk: ['lab-zendesk-signing-secret-000001', 'x-zendesk-webhook-signature'],
  intercom: ['0123456789abcdef0123456789abcd04', 'x-hub-signature'],
  'genesys-audiohook': [
    Buffer.from('lab-audiohook-client-secret-0001').toString('base64'),
    'signature'
  ]
} as const satisfies Record<string, readonly [string, string]>
type Name = keyof typeof known

const names = Object.keys(known) as Name[]
const timed = new Set<Name>([
  'zoom',
  'standard-webhooks',
  'telnyx',
  'vonage',
  'zendesk',
  'genesys-audiohook'
])

/** Every vendor that `check` takes: the five of the lab, and those that send webhooks. */
export const checkedVendors: Readonly<Record<string, Checked>> = {
  ...labVendors,
  ...Object.fromEntries(names.map(name => [name, webhooks(name)]))
}

function webhooks (name: Name): Checked {
  const [key, header] = known[name]
  const fields: Settings = {
    key: {
      variable: `${name.toUpperCase().replaceAll('-', '_')}_KEY`,
      label: name === 'telnyx' ? 'Private key' : 'Key',
      hint: name === 'telnyx'
        ? 'Ed25519, PKCS #8 in base64; your service has the public half'
        : 'that signs the requests',
      default: key,
      secret: true
    },
    ...name !== 'genesys-audiohook' && {
      body: {
        variable: 'LAB_BODY',
        label: 'Body of the webhooks',
        hint: 'a body that your service accepts. Optional: `{}`, or a form for Twilio'
      }
    },
    ...name === 'genesys-audiohook' && {
      apiKey: {
        variable: 'LAB_AUDIOHOOK_API_KEY',
        label: 'API key',
        hint: 'the id of the client secret',
        default: 'lab'
      }
    },
    ...['twilio', 'genesys-audiohook'].includes(name) && {
      publicUrl: {
        variable: 'LAB_PUBLIC_URL',
        label: 'Public origin of your service',
        hint:
          'where the vendor reaches it, because that is signed. Optional: the origin of the target',
        kind: 'address'
      } as const
    },
    oldKey
  }
  return {
    fields,
    target: 'url',
    cases: casesOf(name),
    async run (values, asked, now) {
      const { default: plugin } = await import(`fastify-contact-center/${name}`) as Definition
      const fault = faultsOf(name, header, plugin, values, now)[asked]
      return fault && await found(asked, fault, String(values['url']))
    }
  }
}

function casesOf (name: Name): string[] {
  return [
    'genuine',
    'wrong-key',
    'old-key',
    'tampered',
    ...timed.has(name) ? ['stale-clock', 'future-clock'] : [],
    'replayed',
    'respelled-signature',
    'missing-signature',
    'two-signatures',
    'other-media-type',
    ...name === 'standard-webhooks' ? ['one-of-several', 'right-one-dropped'] : []
  ]
}

function faultsOf (
  name: Name,
  header: string,
  plugin: Definition['default'],
  values: Record<string, string>,
  now: () => number
): Record<string, Fault> {
  const { tolerance = 300_000, refusesCopies } = plugin.vendor
  const { pastMs, futureMs } = typeof tolerance === 'number'
    ? { pastMs: tolerance, futureMs: tolerance }
    : tolerance
  const { key = '', oldKey = '', body: given = '' } = values
  const isUpgrade = name === 'genesys-audiohook'
  const body = isUpgrade
    ? ''
    : given !== ''
    ? given
    : name === 'twilio'
    ? 'CallSid=CA1234567890ABCDE&From=%2B14158675309'
    : '{}'
  const signed = async (secret = key, aheadMs = 0): Promise<Call> => ({
    body,
    headers: {
      ...isUpgrade
        ? upgradeHeaders
        : { 'content-type': name === 'twilio' ? form : 'application/json' },
      ...await headersOf(name, plugin, { secret, time: now() + aheadMs, body, values })
        .catch(refuseSettings)
    }
  })
  const edited = async (edit: (headers: Headers, value: string) => Headers): Promise<Call[]> => {
    const { headers } = await signed()
    return [{ body, headers: edit(headers, String(headers[header])) }]
  }
  const refuse = (title: string, why: string, calls: Fault['calls']): Fault => ({
    title,
    expected: 'refuse',
    why,
    calls
  })
  const all: Record<string, Fault> = {
    genuine: {
      title: 'a genuine request',
      expected: 'accept',
      why: 'If this fails, nothing else means anything.',
      calls: async () => [await signed()]
    },
    'wrong-key': refuse(
      'signed with an unknown key',
      'Anybody can sign with their own key.',
      async () => [await signed(otherKey(name, key))]
    ),
    'old-key': refuse(
      'signed with the old key',
      'A replaced key may have leaked.',
      () => oldKey === '' ? undefined : signed(oldKey).then(call => [call])
    ),
    tampered: refuse(
      isUpgrade ? 'another session id' : 'a body that was changed after signing',
      'It no longer says what the vendor said.',
      async () => {
        const { headers } = await signed()
        return isUpgrade
          ? [{ body, headers: { ...headers, 'audiohook-session-id': 'another' } }]
          : [{ headers, body: name === 'twilio' ? `${body}&More=1` : `${body} ` }]
      }
    ),
    'stale-clock': refuse(
      'a minute too old',
      'A recorded request must not work for ever.',
      async () => [await signed(key, -pastMs - 60_000)]
    ),
    'future-clock': refuse(
      'a minute too far ahead',
      'Otherwise a recorded request works for longer than the window.',
      async () => [await signed(key, futureMs + 60_000)]
    ),
    replayed: {
      title: 'the same request again',
      expected: refusesCopies ? 'refuse' : 'either',
      why: refusesCopies
        ? 'It has an id, so it counts once.'
        : 'Nothing tells the copies apart, so it must be answered.',
      async calls () {
        const call = await signed()
        return [call, call]
      }
    },
    'respelled-signature': refuse(
      'the signature with one more character',
      'Lenient decoders skip it, so one request has two signatures.',
      async () =>
        await edited((headers, value) => ({
          ...headers,
          [header]: value.replace(/:?$/, '=$&')
        }))
    ),
    'missing-signature': refuse(
      'no signature',
      'An unsigned request can come from anybody.',
      async () => await edited(({ [header]: _, ...headers }) => headers)
    ),
    'two-signatures': refuse(
      'the signature header twice',
      'Proxies and services disagree about which one counts.',
      async () => await edited((headers, value) => ({ ...headers, [header]: [value, value] }))
    ),
    'other-media-type': {
      title: 'the media type application/xml',
      expected: 'either',
      why: 'The media type is not signed; it must not upset the service.',
      calls: async () =>
        await edited(headers => ({ ...headers, 'content-type': 'application/xml' }))
    },
    'one-of-several': {
      title: 'a wrong signature before the right one',
      expected: 'accept',
      why: 'During a rotation both keys sign.',
      calls: async () =>
        await edited((headers, value) => ({ ...headers, [header]: `${wrongSignature} ${value}` }))
    },
    'right-one-dropped': refuse(
      'only a wrong signature, of two',
      'At least one must be right.',
      async () => await edited(headers => ({ ...headers, [header]: wrongSignature }))
    )
  }
  return Object.fromEntries(
    casesOf(name).flatMap(one => all[one] === undefined ? [] : [[one, all[one]]])
  )
}

const wrongSignature = `v1,${Buffer.alloc(32, 1).toString('base64')}`
const upgradeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16, 1).toString('base64')
}

/** A key of the same form. */
function otherKey (name: Name, key: string): string {
  if (name === 'telnyx') {
    return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
      .toString('base64')
  }
  return `${key.slice(0, 8)}${key[8] === 'a' ? 'b' : 'a'}${key.slice(9)}`
}

async function headersOf (
  name: Name,
  plugin: Definition['default'],
  { secret, time, body, values }: {
    secret: string,
    time: number,
    body: string,
    values: Record<string, string>
  }
): Promise<Headers> {
  if (name === 'telnyx') {
    const key = createPrivateKey({
      key: Buffer.from(secret, 'base64'),
      format: 'der',
      type: 'pkcs8'
    })
    const timestamp = String(Math.floor(time / 1000))
    return {
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': signWith(null, Buffer.from(`${timestamp}|${body}`), key)
        .toString('base64')
    }
  }
  const { url = '', publicUrl = '' } = values
  const target = new URL(url)
  const origin = publicUrl === '' ? target.origin : new URL(publicUrl).origin
  const path = `${target.pathname}${target.search}`
  const app = Fastify()
  try {
    await app.register(plugin, {
      keys: name === 'genesys-audiohook' ? { id: values['apiKey'], secret } : secret,
      now: () => time,
      as: 'vendor',
      ...name === 'twilio' && { publicUrl: origin }
    })
    const { signHeaders } = (app as unknown as { vendor: { signHeaders: Sign } }).vendor
    if (name === 'twilio') {
      return await signHeaders({
        url: origin + path,
        params: Object.fromEntries(new URLSearchParams(body))
      })
    }
    if (name !== 'genesys-audiohook') return await signHeaders(body)
    const authority = new URL(origin).host
    return { host: authority, ...await signHeaders({ requestTarget: path, authority }) }
  } finally {
    await app.close()
  }
}

/** A key, body or address that nothing can be signed with is a fault of the settings. */
function refuseSettings (error: Error): never {
  throw new UsageError(`nothing can be signed with these settings: ${error.message}`)
}

async function found (
  name: string,
  { title, expected, why, calls }: Fault,
  url: string
): Promise<Finding> {
  const card = { name, title, expected, why }
  const sent = await calls()
  if (sent === undefined) {
    return { ...card, got: 'skipped', verdict: 'skipped', text: 'needs LAB_OLD_KEY' }
  }
  let answer: { status?: number, text: string } = { text: '' }
  for (const call of sent) answer = await answerTo(url, call)
  const got = verdictOf(answer.status)
  const right = expected === 'either'
    ? got === 'accepted' || got === 'refused'
    : got === `${expected}${expected === 'accept' ? 'ed' : 'd'}`
  const last = sent.at(-1)
  return {
    ...card,
    got,
    verdict: right ? 'right' : 'wrong',
    text: `${answer.status ?? 'no answer'}: ${answer.text.slice(0, 300)}`,
    ...last && { sent: { url, headers: lines(last.headers), body: last.body } }
  }
}

function lines (headers: Headers): Array<readonly [string, string]> {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map(value => [name, value] as const)
  )
}

function verdictOf (status: number | undefined): Got {
  if (status === undefined) return 'no answer'
  if (status === 101 || (status >= 200 && status < 300)) return 'accepted'
  return status >= 400 && status < 500 ? 'refused' : 'failed'
}

async function answerTo (
  url: string,
  { headers, body }: Call
): Promise<{ status?: number, text: string }> {
  const isUpgrade = headers['upgrade'] !== undefined
  return await new Promise(resolve => {
    const request = (url.startsWith('https:') ? sendSecurely : send)(url, {
      method: isUpgrade ? 'GET' : 'POST',
      headers: isUpgrade ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      timeout: 10_000
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve({ status: 101, text: '' })
    })
    request.on('response', response => {
      const chunks: Buffer[] = []
      const done = (): void => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', done).on('error', done)
    })
    request.on('timeout', () => request.destroy(new Error('no answer in ten seconds')))
    request.on('error', error => {
      resolve({ text: error.message })
    })
    request.end(isUpgrade ? undefined : body)
  })
}
