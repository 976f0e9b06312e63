// Faults derived from the vendor's plugin: its headers, its time window, and duplicates.
import type { Call, Fault, Headers } from './webhook-calls.ts'
import {
  type Definition,
  createHeaders,
  deriveOtherKey,
  rejectSettings
} from './webhook-signing.ts'
import { type WebhookVendorName, webhookVendors } from './webhook-vendors.ts'

const form = 'application/x-www-form-urlencoded'
const vendorsWithTimestamp = new Set<WebhookVendorName>([
  'zoom',
  'standard-webhooks',
  'telnyx',
  'vonage',
  'zendesk',
  'genesys-audiohook'
])

/** The names of a vendor's cases, in test order. */
export function listCases (name: WebhookVendorName): string[] {
  return [
    'genuine',
    'wrong-key',
    'old-key',
    'tampered',
    ...vendorsWithTimestamp.has(name) ? ['stale-clock', 'future-clock'] : [],
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
export function createFaults (
  name: WebhookVendorName,
  plugin: Definition['default'],
  values: Record<string, string>,
  now: () => number
): Record<string, Fault> {
  const { tolerance = 300_000, refusesCopies } = plugin.vendor
  const { pastMs, futureMs } = typeof tolerance === 'number'
    ? { pastMs: tolerance, futureMs: tolerance }
    : tolerance
  const { key = '', oldKey = '', body: customBody = '' } = values
  const { header, body: defaultBody } = webhookVendors[name]
  const isUpgrade = name === 'genesys-audiohook'
  const body = customBody === '' ? defaultBody : customBody
  const createCall = async (secret = key, aheadMs = 0): Promise<Call> => ({
    body,
    headers: {
      ...isUpgrade
        ? upgradeHeaders
        : { 'content-type': name === 'twilio' ? form : 'application/json' },
      ...await createHeaders(name, plugin, { secret, time: now() + aheadMs, body, values })
        .catch(rejectSettings)
    }
  })
  const createEditedCalls = async (
    edit: (headers: Headers, value: string) => Headers
  ): Promise<Call[]> => {
    const { headers } = await createCall()
    return [{ body, headers: edit(headers, String(headers[header])) }]
  }
  const createRefusal = (title: string, why: string, calls: Fault['calls']): Fault => ({
    title,
    expected: 'refuse',
    why,
    calls
  })
  const faults: Record<string, Fault> = {
    genuine: {
      title: 'a genuine request',
      expected: 'accept',
      why: 'If this fails, the other results mean nothing.',
      calls: async () => [await createCall()]
    },
    'wrong-key': createRefusal(
      'signed with an unknown key',
      'Anybody can sign with their own key.',
      async () => [await createCall(deriveOtherKey(name, key))]
    ),
    'old-key': createRefusal(
      'signed with the old key',
      'A replaced key may have leaked.',
      () => oldKey === '' ? undefined : createCall(oldKey).then(call => [call])
    ),
    tampered: createRefusal(
      isUpgrade ? 'another session id' : 'a body changed after signing',
      'Its content is not from the vendor.',
      async () => {
        const { headers } = await createCall()
        return isUpgrade
          ? [{ body, headers: { ...headers, 'audiohook-session-id': 'another' } }]
          : [{ headers, body: name === 'twilio' ? `${body}&More=1` : `${body} ` }]
      }
    ),
    'stale-clock': createRefusal(
      'a timestamp one minute too old',
      'A recorded request must not work forever.',
      async () => [await createCall(key, -pastMs - 60_000)]
    ),
    'future-clock': createRefusal(
      'a timestamp one minute too far ahead',
      'Otherwise a recorded request works for longer than the window.',
      async () => [await createCall(key, futureMs + 60_000)]
    ),
    replayed: {
      title: 'the same request again',
      expected: refusesCopies ? 'refuse' : 'either',
      why: refusesCopies
        ? 'The request has an id, so it counts once.'
        : 'The service cannot tell the copies apart, so it must answer both.',
      async calls () {
        const call = await createCall()
        return [call, call]
      }
    },
    'respelled-signature': createRefusal(
      'the signature with one more character',
      'Lenient decoders skip the character, so one request would have two valid signatures.',
      async () =>
        await createEditedCalls((headers, value) => ({
          ...headers,
          [header]: value.replace(/:?$/, '=$&')
        }))
    ),
    'missing-signature': createRefusal(
      'no signature',
      'An unsigned request can come from anybody.',
      async () => await createEditedCalls(({ [header]: _, ...headers }) => headers)
    ),
    'two-signatures': createRefusal(
      'the signature header twice',
      'Proxies and services disagree about which one counts.',
      async () =>
        await createEditedCalls((headers, value) => ({ ...headers, [header]: [value, value] }))
    ),
    'other-media-type': {
      title: 'the media type application/xml',
      expected: 'either',
      why: 'The media type is not signed, and must not crash the service.',
      calls: async () =>
        await createEditedCalls(headers => ({ ...headers, 'content-type': 'application/xml' }))
    },
    'one-of-several': {
      title: 'a wrong signature before the right one',
      expected: 'accept',
      why: 'During a key rotation, the vendor signs with both keys.',
      calls: async () =>
        await createEditedCalls((headers, value) => ({
          ...headers,
          [header]: `${wrongSignature} ${value}`
        }))
    },
    'right-one-dropped': createRefusal(
      'two signatures, with the right one removed',
      'At least one signature must be right.',
      async () => await createEditedCalls(headers => ({ ...headers, [header]: wrongSignature }))
    ),
    'svix-names': {
      title: 'the headers under the names of Svix: svix-id, svix-timestamp, svix-signature',
      expected: 'either',
      why: 'Some senders use these names. A service may accept or refuse them.',
      calls: async () =>
        await createEditedCalls(headers =>
          Object.fromEntries(
            Object.entries(headers).map((
              [headerName, value]
            ) => [headerName.replace(/^webhook-/, 'svix-'), value])
          )
        )
    }
  }
  for (const [part, partHeader] of Object.entries(webhookVendors[name].parts)) {
    faults[`missing-${part}`] = createRefusal(
      `no ${partHeader}`,
      'The header is signed. Without it, the service would check a different text.',
      async () => await createEditedCalls(({ [partHeader]: _, ...headers }) => headers)
    )
    faults[`two-${part}s`] = createRefusal(
      `${partHeader} twice`,
      'Proxies and services disagree about which one counts.',
      async () =>
        await createEditedCalls(headers => ({
          ...headers,
          [partHeader]: [String(headers[partHeader]), String(headers[partHeader])]
        }))
    )
  }
  return Object.fromEntries(
    listCases(name).flatMap(caseName =>
      faults[caseName] === undefined ? [] : [[caseName, faults[caseName]]]
    )
  )
}

const wrongSignature = `v1,${Buffer.alloc(32, 1).toString('base64')}`
const upgradeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16, 1).toString('base64')
}
