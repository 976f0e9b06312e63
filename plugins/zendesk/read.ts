import type { FastifyRequest } from 'fastify'
import {
  malformed,
  type Received,
  signatureHeader,
  signedJson,
  singleHeader
} from '../kit/index.ts'
import { isUtcTime, type ZendeskInput } from './scheme.ts'
import { macHeader, timeHeader } from './sign.ts'

/** Reads the signed parts of a webhook. */
export function readWebhook (
  request: FastifyRequest,
  strict: boolean
): Received<ZendeskInput> & { timestamp: string } {
  const signature = signatureHeader(request, macHeader, { encoding: 'base64', byteLength: 32 })
  const timestamp = singleHeader(request, timeHeader)
  return {
    input: { timestamp, body: signedJson(request) },
    signature,
    timestamp: epochMs(timestamp, strict),
    once: signature,
    covered: ['timestamp', 'body']
  }
}

/** @throws {SignatureMalformed} unless the text is a time that `Date` parses unambiguously */
function epochMs (text: string, strict: boolean): string {
  const utc = strict ? text : text.replace(/[+-][0-9]{2}:[0-9]{2}$/, 'Z')
  const time = isUtcTime(utc) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw malformed(`${timeHeader} is not a time in ISO 8601 that ends in Z`)
  return String(time)
}
