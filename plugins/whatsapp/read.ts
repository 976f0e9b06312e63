import type { FastifyRequest } from 'fastify'
import { malformed, signatureHeader, signedJson } from '../kit/index.ts'

/** Reads a notification from the request. */
export function readNotification (request: FastifyRequest) {
  const signature = signatureHeader(request, 'X-Hub-Signature-256', {
    encoding: 'hex',
    byteLength: 32,
    prefix: 'sha256='
  })
  if (request.method === 'GET') throw malformed('Meta signs no GET')
  return {
    input: { body: signedJson(request) },
    signature,
    once: signature,
    covered: ['body']
  }
}
