import { randomBytes, randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { VendorContext } from '../kit/index.ts'
import type { PublicAddress } from './address.ts'
import { type GenesysAudiohookInput, requiredComponents } from './scheme.ts'

/** The headers of an upgrade request, in addition to those of every WebSocket. */
export type GenesysAudiohookHeaders = Record<
  | 'audiohook-organization-id'
  | 'audiohook-session-id'
  | 'audiohook-correlation-id'
  | 'x-api-key'
  | 'signature'
  | 'signature-input',
  string
>

/** The signed values. Times are epoch seconds. */
export interface UpgradeOptions {
  /** Path and query of the request to send. */
  requestTarget: string
  /** Its Host. Default: that of the option `publicUrl`. */
  authority?: string
  organizationId?: string
  sessionId?: string
  correlationId?: string
  nonce?: string
  /** Default: now. */
  created?: number
  /** Default: 30 seconds after `created`. */
  expires?: number
  /** Needed where keys are looked up. */
  request?: FastifyRequest
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /** The headers of an upgrade request to send, signed with the newest key. */
  signHeaders(options: UpgradeOptions): Promise<GenesysAudiohookHeaders>
}

/** Signs as Genesys does, for tests and simulators. */
export function signFunctions (
  { now, sign, keys, options: { publicUrl } }: VendorContext<
    GenesysAudiohookInput,
    { readonly publicUrl: PublicAddress | undefined }
  >
): SignFunctions {
  return {
    async signHeaders (options) {
      const {
        requestTarget,
        authority = publicUrl?.authority ?? '',
        organizationId = randomUUID(),
        sessionId = randomUUID(),
        correlationId = randomUUID(),
        nonce = randomBytes(18).toString('base64'),
        created = Math.floor(now() / 1000),
        expires = created + 30,
        request
      } = options
      const [{ id }] = (await keys.at(now(), request)).keys
      const headers = {
        'audiohook-organization-id': organizationId,
        'audiohook-session-id': sessionId,
        'audiohook-correlation-id': correlationId,
        'x-api-key': id
      }
      const signatureInput = signatureInputOf({ keyid: id, nonce, created, expires })
      const input = { requestTarget, authority, headers, signatureInput }
      return {
        ...headers,
        signature: `sig1=:${await sign(input, request)}:`,
        'signature-input': signatureInput
      }
    }
  }
}

/** The header Signature-Input as Genesys writes it. */
export function signatureInputOf (
  { keyid, nonce, created, expires }: {
    keyid: string,
    nonce: string,
    created: number,
    expires: number
  }
): string {
  const components = requiredComponents.map(name => `"${name}"`).join(' ')
  return `sig1=(${components});keyid="${keyid}";nonce="${nonce}";alg="hmac-sha256";created=${created};expires=${expires}`
}

/** A valid input, with which each key is tried at boot. */
export const sample: GenesysAudiohookInput = {
  requestTarget: '/',
  authority: 'localhost',
  headers: {
    'audiohook-organization-id': '1',
    'audiohook-session-id': '1',
    'audiohook-correlation-id': '1',
    'x-api-key': '1'
  },
  signatureInput: signatureInputOf({ keyid: '1', nonce: '1'.repeat(22), created: 1, expires: 2 })
}
