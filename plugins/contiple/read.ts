import type { FastifyRequest } from 'fastify'
import { isInt64, malformed, signatureHeader, signedJson, singleHeader } from '../kit/index.ts'
import type { ContipleInput } from './scheme.ts'

const base64Sha256 = { encoding: 'base64', byteLength: 32 } as const
const covered = Object.freeze(['body', 'timestamp'])
const coveredWithUri = Object.freeze(['uri', ...covered])

/** Reads a lookup from the request. With `withUri`, path and query are signed too. */
export function readLookup (request: FastifyRequest, withUri: boolean) {
  const signature = signatureHeader(request, 'Authorization', base64Sha256)
  const timestamp = singleHeader(request, 'X-TC-Timestamp')
  if (!isInt64(timestamp)) {
    throw malformed('X-TC-Timestamp is not 1 to 19 digits of at most 2^63-1')
  }
  const body = signedJson(request)
  const input: ContipleInput = withUri
    ? { body, timestamp, uri: request.originalUrl }
    : { body, timestamp }
  return {
    input,
    signature,
    timestamp,
    once: signature,
    covered: withUri ? coveredWithUri : covered
  }
}
