import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { parseQuery } from '../kit/index.ts'
import type { Answer } from '../kit/route/verify.ts'
import { equalBytes } from '../kit/wire/mac.ts'

/** Meta sends digits. The echo must never be a page or a script. */
const challengeShape = /^[A-Za-z0-9_-]{1,128}$/

/**
 * The answer to Meta's unsigned `GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…`, or
 * undefined for any other request, which is then refused because it has no signature.
 * @see
 * https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
 */
export function answerSubscription (
  request: FastifyRequest,
  verifyToken: string
): Answer | undefined {
  if (request.method !== 'GET') return undefined
  const query = readQuery(request.originalUrl)
  const challenge = query?.get('hub.challenge') ?? ''
  const isExpected = isEqual(query?.get('hub.verify_token') ?? '', verifyToken)
  if (!isExpected || query?.get('hub.mode') !== 'subscribe' || !challengeShape.test(challenge)) {
    return undefined
  }
  return { type: 'text/plain; charset=utf-8', body: challenge }
}

function readQuery (target: string): Map<string, string> | undefined {
  try {
    return parseQuery(target)
  } catch {
    return undefined
  }
}

/** Compares in constant time, whatever the lengths. */
function isEqual (received: string, expected: string): boolean {
  const [a, b] = [received, expected].map(text => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && equalBytes(a, b)
}
