import { createPrivateKey, createPublicKey, type KeyObject, sign as signWith } from 'node:crypto'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import type { Diagnosis } from 'fastify-contact-center/explain'
import type { Scheme } from 'fastify-contact-center/kit'
import { UsageError } from './usage-error.ts'
import type { Headers } from './webhook-calls.ts'
import type { WebhookVendorName } from './webhook-vendors.ts'

/** The exports of a vendor's module. */
export interface Definition {
  readonly default: FastifyPluginAsync<Record<string, unknown>> & {
    readonly vendor: {
      readonly tolerance: number | { pastMs: number, futureMs: number } | undefined,
      readonly refusesCopies: boolean
    }
  }
  readonly scheme: Scheme<unknown>
  createDiagnosis(options: { publicUrl?: string }): Diagnosis<unknown>
}
type Sign = (body: unknown) => Promise<Headers>

export async function importVendor (name: WebhookVendorName): Promise<Definition> {
  return await import(`fastify-contact-center/${name}`) as Definition
}

/** A different key of the same form. */
export function deriveOtherKey (name: WebhookVendorName, key: string): string {
  if (name === 'telnyx') {
    const bytes = Buffer.from(key, 'base64')
    return Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)])
      .toString('base64')
  }
  return `${key.slice(0, 8)}${key[8] === 'a' ? 'b' : 'a'}${key.slice(9)}`
}

/** The headers that the vendor would send with this body. */
export async function createHeaders (
  name: WebhookVendorName,
  plugin: Definition['default'],
  { secret, time, body, values }: {
    secret: string,
    time: number,
    body: string,
    values: Record<string, string>
  }
): Promise<Headers> {
  if (name === 'telnyx') {
    const key = parsePrivateKey(secret)
    const timestamp = String(Math.floor(time / 1000))
    return {
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': signWith(null, Buffer.from(`${timestamp}|${body}`), key)
        .toString('base64')
    }
  }
  const target = new URL(values['url'] ?? '')
  const origin = originOf(values)
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
      return await signHeaders({ url: origin + path, params: parseFields(body) })
    }
    if (name !== 'genesys-audiohook') return await signHeaders(body)
    const authority = new URL(origin).host
    return { host: authority, ...await signHeaders({ requestTarget: path, authority }) }
  } finally {
    await app.close()
  }
}

/** The origin in the signed URL. */
export function originOf ({ url = '', publicUrl = '' }: Record<string, string>): string {
  return new URL(publicUrl === '' ? url : publicUrl).origin
}

/** Repeated names become lists. */
function parseFields (form: string): Record<string, string | string[]> {
  const fields = new URLSearchParams(form)
  return Object.fromEntries(Array.from(new Set(fields.keys()), name => {
    const values = fields.getAll(name)
    return [name, values.length === 1 ? values[0] ?? '' : values]
  }))
}

/** The public key of Telnyx's key pair. */
export function derivePublicKey (key: string): string {
  return createPublicKey(parsePrivateKey(key)).export({ format: 'der', type: 'spki' }).subarray(-32)
    .toString('base64')
}

function parsePrivateKey (key: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' })
}

/** Reports a key, body or address that cannot be signed as an invalid setting. */
export function rejectSettings (error: Error): never {
  throw new UsageError(`the lab cannot sign with these settings: ${error.message}`)
}
