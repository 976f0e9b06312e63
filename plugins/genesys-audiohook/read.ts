import type { FastifyRequest } from 'fastify'
import { SignatureInvalid, stacklessError } from '../kit/errors.ts'
import { malformed, missing, type Received, shapedHeader, singleHeader } from '../kit/index.ts'
import type { PublicAddress } from './address.ts'
import type { GenesysAudiohookInput } from './scheme.ts'
import { readSignatureInput } from './signature-input.ts'

/** Genesys's code ends a signature three seconds before its `expires`. */
const skewSeconds = 3
// Of 43 digits that encode 32 bytes, the last has two unused bits, which must be zero.
const signatureHeader = /^[a-z*][a-z0-9_.*-]*=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=:$/

/** Reads the signed parts of an upgrade request. */
export function readUpgrade (
  request: FastifyRequest,
  address: PublicAddress | undefined
): Received<GenesysAudiohookInput> & { timestamp: string, nonce: string } {
  const signatures = shapedHeader(
    request,
    'Signature',
    signatureHeader,
    'a label and 32 bytes in base64 between colons'
  )
  const signatureInput = singleHeader(request, 'Signature-Input')
  const { label, components, parameters } = readSignatureInput(signatureInput)
  const [signatureLabel = '', signature = ''] = signatures.slice(0, -1).split('=:')
  if (signatureLabel !== label) {
    throw malformed('Signature and Signature-Input have different labels')
  }
  const { keyid, nonce, created, expires } = parameters
  const apiKey = singleHeader(request, 'X-API-KEY')
  if (created === undefined) throw missing('the time of the signature')
  if (nonce === undefined || nonce === '') throw missing('the nonce of the signature')
  if (keyid !== apiKey) {
    throw new SignatureInvalid({ cause: stacklessError('keyid is not the API key') })
  }
  const headers = Object.fromEntries(
    components.filter(name => !name.startsWith('@')).map(
      name => [name, singleHeader(request, name)]
    )
  )
  return {
    input: {
      requestTarget: (address?.prefix ?? '') + request.originalUrl,
      authority: address?.authority ?? singleHeader(request, 'Host'),
      headers,
      signatureInput
    },
    signature,
    keyId: apiKey,
    timestamp: `${created}000`,
    ...expires !== undefined && { notAfter: (expires - skewSeconds) * 1000 },
    nonce,
    once: nonce,
    covered: components
  }
}
