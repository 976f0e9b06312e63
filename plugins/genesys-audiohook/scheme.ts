import { hmacScheme } from '../kit/hmac-scheme.ts'
import { assertStrict, InputError, type Scheme } from '../kit/scheme.ts'
import { parseWireJson } from '../kit/wire/json.ts'
import { assertWellFormed } from '../kit/wire/text.ts'
import { readSignatureInput, type SignatureParameters } from './signature-input.ts'

export type { SignatureParameters } from './signature-input.ts'

/** The signed parts of the request that opens a WebSocket. */
export interface GenesysAudiohookInput {
  /** The component `@request-target`: path and query. */
  requestTarget: string
  /** The component `@authority`: the host, and the port unless it is the default one. */
  authority: string
  /**
   * The signed headers by name in lower case, or the same object as JSON text. May contain unsigned
   * headers too.
   */
  headers: Readonly<Record<string, string>> | string
  /** The Signature-Input header as received: `sig1=("@request-target" …);keyid="…";…`. */
  signatureInput: string
}

/** The options of Genesys AudioHook's scheme. */
export interface GenesysAudiohookSchemeOptions {
  /**
   * False accepts what Genesys's verifier alone accepts: signatures that leave out parts of the
   * request, times, nonce or key id. True (default) refuses them.
   */
  strict?: boolean
}

/** The components that every signature must cover. */
export const requiredComponents = [
  '@request-target',
  '@authority',
  'audiohook-organization-id',
  'audiohook-session-id',
  'audiohook-correlation-id',
  'x-api-key'
] as const

/** 16 random bytes in base64 have 22 digits. */
const leastNonce = 22

/**
 * HTTP message signatures: `base64(HMAC-SHA256(client secret, lines))`, a line for each component
 * and one for `@signature-params`. The signature is the text between the colons of the header.
 * @see https://developer.genesys.cloud/devapps/audiohook/security
 */
export function createScheme (
  { strict = true }: GenesysAudiohookSchemeOptions = {}
): Scheme<GenesysAudiohookInput> {
  assertStrict(strict)
  return hmacScheme<GenesysAudiohookInput>({
    name: 'genesys-audiohook',
    algorithm: 'sha256',
    encoding: 'base64',
    limits: ['method-not-covered', 'headers-not-covered'],
    keyBytes: clientSecret,
    parts (input) {
      const { lines, headers, parameters } = signedLines(input)
      if (strict) refuseLoose(headers, parameters, lines)
      return [lines.map(([name, value]) => `"${name}": ${value}`).join('\n')]
    }
  })
}

/** The scheme with default options. */
export const scheme = createScheme()

/** The signed lines, in order: the name and the value of each. */
export function signedLines (
  { requestTarget, authority, headers: headersOrJson, signatureInput }: GenesysAudiohookInput
): {
  lines: ReadonlyArray<readonly [name: string, value: string]>,
  headers: Readonly<Record<string, unknown>>,
  parameters: SignatureParameters
} {
  const headers = readHeaders(headersOrJson)
  const { components, parameters, text } = readSignatureInput(signatureInput)
  // Pinned: a request must never choose how it is verified.
  if ((parameters.alg ?? 'hmac-sha256') !== 'hmac-sha256') {
    throw new InputError('alg must be hmac-sha256')
  }
  const values: Readonly<Record<string, unknown>> = {
    ...headers,
    '@request-target': requestTarget,
    '@authority': authority
  }
  const lines = components.map(name => [name, lineValue(name, values[name])] as const)
  return { lines: [...lines, ['@signature-params', text]], headers, parameters }
}

/** Refuses signatures that Genesys's verifier accepts but Genesys never sends. */
function refuseLoose (
  headers: Readonly<Record<string, unknown>>,
  { keyid, nonce, created, expires }: SignatureParameters,
  lines: ReadonlyArray<readonly [name: string, value: string]>
): void {
  const uncovered = requiredComponents.find(name => lines.every(([lineName]) => lineName !== name))
  if (uncovered !== undefined) throw new InputError(`${uncovered} is not signed`)
  if (created === undefined || expires === undefined) {
    throw new InputError('created and expires must be signed')
  }
  if (nonce === undefined || nonce.length < leastNonce) {
    throw new InputError(`a nonce of at least ${leastNonce} characters must be signed`)
  }
  if (keyid !== headers['x-api-key']) throw new InputError('keyid must be the API key')
}

/**
 * The value of a line. A line break in it would turn one line into two.
 * @throws {InputError} when the request has no such component, or its value has a line break
 */
function lineValue (name: string, value: unknown): string {
  if (value === undefined || value === '') throw new InputError(`the signed ${name} is missing`)
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
  assertWellFormed(value, name)
  if (/[\r\n]/.test(value)) throw new InputError(`${name} contains a line break`)
  return value.trim()
}

function readHeaders (
  headersOrJson: GenesysAudiohookInput['headers']
): Readonly<Record<string, unknown>> {
  if (typeof headersOrJson !== 'string') {
    if (typeof headersOrJson === 'object' && headersOrJson !== null) return headersOrJson
    throw new TypeError('headers must be an object')
  }
  const value = parseWireJson(headersOrJson, 'headers')
  if (!(value instanceof Map)) throw new TypeError('headers must be an object')
  return Object.fromEntries(value)
}

/**
 * Genesys accepts any base64, even without padding; here a secret has one spelling.
 * @throws {InputError} on a secret of another form; the message names the expected one
 */
function clientSecret (secret: string): Uint8Array {
  const bytes = Buffer.from(secret, 'base64')
  if (bytes.length > 0 && bytes.toString('base64') === secret) return bytes
  throw new InputError(
    "secret must be the integration's client secret in padded standard base64, not its API key, which is the key's id"
  )
}
