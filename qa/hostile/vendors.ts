import { randomUUID } from 'node:crypto'
import { scheme as huaweiScheme } from 'fastify-contact-center/huawei-aicc'
import { scheme as itxScheme } from 'fastify-contact-center/itx-chat'
import { hmacSha256 } from '../../plugins/kit/wire/mac.ts'
import { scheme as onlineScheme } from 'fastify-contact-center/online-contact'
import { clickToCallUrl, scheme as oracleScheme } from 'fastify-contact-center/oracle-csc'

export const keys = 'a-key-of-at-least-16'
/** Bytes. */
export const bodyLimit = 2000

export const paths = {
  contiple: '/contiple',
  'contiple-uri': '/contiple-uri',
  'huawei-aicc': '/huawei-aicc',
  'online-contact': '/online-contact',
  'itx-chat': '/itx-chat',
  'oracle-csc': '/oracle-csc'
} as const

export type Vendor = keyof typeof paths
export const vendors = Object.keys(paths) as Vendor[]
/** The vendors whose signature is in the body or covers it. */
export const bodyVendors = vendors.filter(vendor => vendor !== 'oracle-csc')

/** A request before serialization, for cases to change. */
export interface Genuine {
  method: string
  target: string
  version: string
  headers: Array<[name: string, value: string]>
  body: Buffer
}

const json = 'application/json'

/** A freshly signed request. `fill` is text inside it that makes it longer. */
export function genuine (vendor: Vendor, fill: string = randomUUID()): Genuine {
  const { headers = [], body = '', target = paths[vendor], type } = makers[vendor](fill)
  return {
    method: vendor === 'oracle-csc' ? 'GET' : 'POST',
    target,
    version: 'HTTP/1.1',
    headers: [
      ['Host', 'service.example'],
      ['Connection', 'close'],
      ...type === undefined ? [] : [['Content-Type', type] as [string, string]],
      ...headers
    ],
    body: typeof body === 'string' ? Buffer.from(body) : body
  }
}

interface Made {
  headers?: Array<[string, string]>
  body?: string | Buffer
  target?: string
  type?: string
}

const makers: Record<Vendor, (fill: string) => Made> = {
  contiple: fill => contiple(fill),
  'contiple-uri': fill => contiple(fill, paths['contiple-uri']),
  'huawei-aicc' (fill) {
    const params = { callId: fill }
    const signed = { timestamp: String(Date.now()), nonce: randomUUID() }
    return {
      type: json,
      body: JSON.stringify({
        ...params,
        ...signed,
        signature: huaweiScheme.sign({ params, ...signed }, keys)
      })
    }
  },
  'online-contact' (fill) {
    // Names have at most 50 characters; the rest of the filling is in an unsigned field.
    const input = {
      service: 'shop',
      usercode: 'u-1',
      username: fill.slice(0, 36),
      time: String(Date.now())
    }
    return {
      type: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({
        more: fill.slice(36),
        ...input,
        token: onlineScheme.sign(input, keys)
      }).toString()
    }
  },
  'itx-chat' (fill) {
    const input = { verifiedData: { memberNo: fill } }
    return {
      type: json,
      body: JSON.stringify({ ...input, extSystemHash: itxScheme.sign(input, keys) })
    }
  },
  'oracle-csc' (fill) {
    const input = { username: 'kim', callerId: '+15551234567' }
    const { pathname, search } = new URL(
      clickToCallUrl(`http://x${paths['oracle-csc']}`, {
        ...input,
        callId: fill,
        hash: oracleScheme.sign(input, keys)
      })
    )
    return { target: pathname + search }
  }
}

function contiple (fill: string, uri?: string): Made {
  return contipleOver(Buffer.from(JSON.stringify({ callNum: fill })), uri)
}

/** Contiple's headers over any bytes, including those that our scheme refuses to sign. */
export function contipleOver (
  body: Buffer,
  uri = ''
): { type: string, body: Buffer, headers: Array<[string, string]> } {
  const timestamp = String(Date.now())
  return {
    type: json,
    body,
    headers: [['Authorization', hmacSha256(keys, uri, body, timestamp).toString('base64')], [
      'X-TC-Timestamp',
      timestamp
    ]]
  }
}

type Shape = Record<string, unknown>

/** Whether a refusal has the vendor's shape. */
export const saysNo: Record<Vendor, (reply: Shape) => boolean> = {
  contiple: isContiple,
  'contiple-uri': isContiple,
  'huawei-aicc': ({ retCode, retMsg }) =>
    /^[45][0-9]{2}$/.test(String(retCode)) && typeof retMsg === 'string',
  'online-contact': ({ header }) => (header as Shape | undefined)?.['isSuccessful'] === false,
  'itx-chat': ({ verified, error }) => verified === false && typeof error === 'string',
  'oracle-csc': ({ error, message }) => typeof error === 'string' && typeof message === 'string'
}

function isContiple ({ error }: Shape): boolean {
  return typeof (error as Shape | undefined)?.['code'] === 'string' &&
    (error as Shape)['detail'] === null
}
