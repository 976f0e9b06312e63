import type { FastifyRequest } from 'fastify'
import { isBase64Sha256 } from '../kit/wire/mac.ts'
import { isInt64, malformed, missing, WireNumber } from '../kit/index.ts'
import type { WireObject } from '../kit/wire/json.ts'
import { readCallback } from './callback-body.ts'
import { namesOf } from './params.ts'

/** Reads a signed callback from the request. */
export function readSigned (request: FastifyRequest) {
  const params = readCallback(request)
  const signature = readPart(params, 'signature')
  if (!isBase64Sha256(signature)) {
    throw malformed('signature is not 44 characters of padded standard base64')
  }
  const timestamp = readPart(params, 'timestamp')
  if (!isInt64(timestamp)) throw malformed('timestamp is not 1 to 19 digits of at most 2^63-1')
  const nonce = readPart(params, 'nonce')
  return {
    input: { params, timestamp, nonce },
    signature,
    timestamp,
    nonce,
    once: nonce,
    covered: namesOf(params).covered
  }
}

function readPart (params: WireObject, name: string): string {
  const value = params.get(name)
  if (value === undefined || value === null || value === '') throw missing(name)
  // Only the time may be a number; its digits are signed as received.
  const text = value instanceof WireNumber && name === 'timestamp' ? value.text : value
  if (typeof text !== 'string') throw malformed(`${name} is not text`)
  return text
}
