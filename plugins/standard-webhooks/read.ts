import type { FastifyRequest } from 'fastify'
import { malformed, secondsHeader, signedJson, singleHeader } from '../kit/index.ts'
import type { HeaderNames } from './diagnosis.ts'
import { mostSignatures, readSignatures } from './scheme.ts'

/** Reads a webhook from the request, by either name of its headers. */
export function readWebhook (request: FastifyRequest, headers: HeaderNames) {
  const signature = singleHeader(request, `${headers}-signature`)
  if (readSignatures(signature) === null) {
    throw malformed(
      `${headers}-signature is not 1 to ${mostSignatures} signatures separated by spaces, one of them v1`
    )
  }
  const id = singleHeader(request, `${headers}-id`)
  const timestamp = secondsHeader(request, `${headers}-timestamp`)
  return {
    input: { id, timestamp, body: signedJson(request) },
    signature,
    timestamp: `${timestamp}000`,
    nonce: id,
    once: id,
    covered: ['id', 'timestamp', 'body']
  }
}
