// Faults derived from the vendor's plugin: its headers, its time window, and duplicates.
import type { Call, Fault, Headers } from './webhook-calls.ts'
import { type Definition, headersOf, otherKey, refuseSettings } from './webhook-signing.ts'
import { type Name, webhookVendors } from './webhook-vendors.ts'

const form = 'application/x-www-form-urlencoded'
const timed = new Set<Name>([
  'zoom',
  'standard-webhooks',
  'telnyx',
  'vonage',
  'zendesk',
  'genesys-audiohook'
])

/** The names of a vendor's cases, in test order. */
export function casesOf (name: Name): string[] {
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
    ...Object.keys(webhookVendors[name].parts).flatMap(part => [`missing-${part}`, `two-${part}s`]),
    'other-media-type',
    ...name === 'standard-webhooks' ? ['one-of-several', 'right-one-dropped', 'svix-names'] : []
  ]
}

/** A vendor's faults by case name. */
export function faultsOf (
  name: Name,
  plugin: Definition['default'],
  values: Record<string, string>,
  now: () => number
): Record<string, Fault> {
  const { tolerance = 300_000, refusesCopies } = plugin.vendor
  const { pastMs, futureMs } = typeof tolerance === 'number'
    ? { pastMs: tolerance, futureMs: tolerance }
    : tolerance
  const { key = '', oldKey = '', body: given = '' } = values
  const { header, body: usual } = webhookVendors[name]
  const isUpgrade = name === 'genesys-audiohook'
  const body = given === '' ? usual : given
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
    ),
    'svix-names': {
      title: 'the headers under the names of Svix: svix-id, svix-timestamp, svix-signature',
      expected: 'either',
      why: 'Some senders use these names; a service takes them or refuses them.',
      calls: async () =>
        await edited(headers =>
          Object.fromEntries(
            Object.entries(headers).map((
              [one, value]
            ) => [one.replace(/^webhook-/, 'svix-'), value])
          )
        )
    }
  }
  for (const [part, partHeader] of Object.entries(webhookVendors[name].parts)) {
    all[`missing-${part}`] = refuse(
      `no ${partHeader}`,
      'It is signed: without it, something else than was signed would be checked.',
      async () => await edited(({ [partHeader]: _, ...headers }) => headers)
    )
    all[`two-${part}s`] = refuse(
      `${partHeader} twice`,
      'Proxies and services disagree about which one counts.',
      async () =>
        await edited(headers => ({
          ...headers,
          [partHeader]: [String(headers[partHeader]), String(headers[partHeader])]
        }))
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
