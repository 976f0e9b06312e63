import { randomBytes } from 'node:crypto'
import { createScheme } from 'fastify-contact-center/huawei-aicc'
import type { Expected, Fault } from '../shared/faults.ts'
import { omitEmpty, type ValuesOf } from '../shared/settings.ts'
import { jsonPost, parseObject, type WireRequest } from '../shared/wire.ts'
import type { huaweiAiccSettings } from './settings.ts'

/** A service under test that receives callbacks, and the lab's settings for it. */
export interface HuaweiAiccBench {
  /** The URL of the signed release callback. */
  readonly url: string
  readonly secret: string
  /** An expired secret. */
  readonly oldSecret?: string
  /** The URL of the unsigned connection callback. */
  readonly connectedUrl?: string
  /** The expected response to a duplicate callback. Default: either. */
  readonly duplicates?: Expected
  /** Epoch milliseconds. */
  readonly now: () => number
}

export type AiccFault = Fault<HuaweiAiccBench>

export function huaweiAiccBench (
  { releasedUrl: url, secret, oldKey: oldSecret, connectedUrl, duplicates }: ValuesOf<
    typeof huaweiAiccSettings
  >,
  now: () => number
): HuaweiAiccBench {
  return {
    url,
    secret,
    ...omitEmpty({ oldSecret, connectedUrl }),
    duplicates: duplicates as Expected,
    now
  }
}

// The lab signs any content, as the vendor does.
export const scheme = createScheme({ strict: false })
export const minute = 60_000
export const otherSecret = 'a-secret-that-nobody-gave-you'

interface Signing {
  params?: string
  timestamp?: string
  nonce?: string
  secret?: string
}

/**
 * The genuine callback with the given changes. `params` is JSON text, to send every digit as
 * written.
 */
export function createRelease (
  bench: HuaweiAiccBench,
  {
    params = formatParams(),
    timestamp = String(bench.now()),
    nonce = createNonce(),
    secret = bench.secret
  }: Signing = {}
): WireRequest {
  return sealParams(bench, params, {
    timestamp,
    nonce,
    signature: scheme.sign({ params, timestamp, nonce }, secret)
  })
}

function sealParams ({ url }: HuaweiAiccBench, params: string, parts: object): WireRequest {
  return jsonPost(url, `${params.trimEnd().slice(0, -1)},${JSON.stringify(parts).slice(1)}`)
}

/** Sends parameters other than the signed ones. */
export function createTampered (
  bench: HuaweiAiccBench,
  sent: string,
  signed = formatParams()
): WireRequest {
  const timestamp = String(bench.now())
  const nonce = createNonce()
  return sealParams(bench, sent, {
    timestamp,
    nonce,
    signature: scheme.sign({ params: signed, timestamp, nonce }, bench.secret)
  })
}

/** Signs as usual, then replaces timestamp, nonce or signature; undefined omits one. */
export function createWithParts (
  bench: HuaweiAiccBench,
  change: (parts: { timestamp: string, nonce: string, signature: string }) => object
): WireRequest {
  const params = formatParams()
  const timestamp = String(bench.now())
  const nonce = createNonce()
  return sealParams(
    bench,
    params,
    change({ timestamp, nonce, signature: scheme.sign({ params, timestamp, nonce }, bench.secret) })
  )
}

export const serialNo = '1197765398201387013'

export function formatParams (more: object = {}): string {
  return JSON.stringify({
    callSerialNo: serialNo,
    serviceNo: '',
    called: '88880067',
    caller: '70001',
    callData: null,
    talkDuration: '12',
    releaseReason: '0',
    ...more
  })
}

export function createNonce (): string {
  return randomBytes(16).toString('hex')
}

export function createConnection (url: string): WireRequest {
  return jsonPost(
    url,
    JSON.stringify({ callSerialNo: '1', serviceNo: '', called: '88880067', callData: null })
  )
}

export function toForm (request: WireRequest): WireRequest {
  const fields = Object.entries(parseObject(Buffer.from(request.body).toString()) ?? {}).map((
    [name, value]
  ) => [name, String(value)])
  return {
    ...request,
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: Buffer.from(new URLSearchParams(Object.fromEntries(fields)).toString())
  }
}

export function isSuccess (text: string): boolean {
  const { retCode, retMsg } = parseObject(text) ?? {}
  return retCode === '0' && retMsg === 'success'
}
