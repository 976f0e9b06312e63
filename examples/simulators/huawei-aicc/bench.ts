import { randomBytes } from 'node:crypto'
import { createScheme } from 'fastify-contact-center/huawei-aicc'
import type { Expected, Fault } from '../shared/faults.ts'
import { filled, type ValuesOf } from '../shared/settings.ts'
import { jsonPost, objectIn, type WireRequest } from '../shared/wire.ts'
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
    ...filled({ oldSecret, connectedUrl }),
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
export function released (
  bench: HuaweiAiccBench,
  {
    params = release(),
    timestamp = String(bench.now()),
    nonce = newNonce(),
    secret = bench.secret
  }: Signing = {}
): WireRequest {
  return sealed(bench, params, {
    timestamp,
    nonce,
    signature: scheme.sign({ params, timestamp, nonce }, secret)
  })
}

function sealed ({ url }: HuaweiAiccBench, params: string, parts: object): WireRequest {
  return jsonPost(url, `${params.trimEnd().slice(0, -1)},${JSON.stringify(parts).slice(1)}`)
}

/** Sends parameters other than the signed ones. */
export function tampered (bench: HuaweiAiccBench, sent: string, signed = release()): WireRequest {
  const timestamp = String(bench.now())
  const nonce = newNonce()
  return sealed(bench, sent, {
    timestamp,
    nonce,
    signature: scheme.sign({ params: signed, timestamp, nonce }, bench.secret)
  })
}

/** Signs as usual, then replaces timestamp, nonce or signature; undefined omits one. */
export function withParts (
  bench: HuaweiAiccBench,
  change: (parts: { timestamp: string, nonce: string, signature: string }) => object
): WireRequest {
  const params = release()
  const timestamp = String(bench.now())
  const nonce = newNonce()
  return sealed(
    bench,
    params,
    change({ timestamp, nonce, signature: scheme.sign({ params, timestamp, nonce }, bench.secret) })
  )
}

export const call = '1197765398201387013'

export function release (more: object = {}): string {
  return JSON.stringify({
    callSerialNo: call,
    serviceNo: '',
    called: '88880067',
    caller: '70001',
    callData: null,
    talkDuration: '12',
    releaseReason: '0',
    ...more
  })
}

export function newNonce (): string {
  return randomBytes(16).toString('hex')
}

export function connected (url: string): WireRequest {
  return jsonPost(
    url,
    JSON.stringify({ callSerialNo: '1', serviceNo: '', called: '88880067', callData: null })
  )
}

export function asForm (request: WireRequest): WireRequest {
  const fields = Object.entries(objectIn(Buffer.from(request.body).toString()) ?? {}).map((
    [name, value]
  ) => [name, String(value)])
  return {
    ...request,
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: Buffer.from(new URLSearchParams(Object.fromEntries(fields)).toString())
  }
}

export function isSuccess (text: string): boolean {
  const { retCode, retMsg } = objectIn(text) ?? {}
  return retCode === '0' && retMsg === 'success'
}
