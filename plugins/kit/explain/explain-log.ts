import type { FastifyRequest } from 'fastify'
import { capturedBody } from '../route/capture.ts'
import type { Diagnosis, HttpMessage } from './diagnosis.ts'
import { explain } from './explain.ts'
import type { Settings } from '../route/options.ts'
import type { ExplainLater } from '../route/verify.ts'
import type { Verifier } from '../scheme.ts'
import { rawHeadersOf } from '../wire/headers.ts'

const explainedCodes: readonly unknown[] = [
  'FST_CC_SIGNATURE_INVALID',
  'FST_CC_SIGNATURE_MALFORMED'
]

/**
 * A search computes hundreds of signatures. So that forged requests cannot take much time, bodies,
 * the milliseconds of a search and those between two searches are limited.
 */
const largestBody = 8192
const searchMs = 250
const pauseMs = 1000

/**
 * For the option `explain`: logs why a signature was refused. It logs codes, fixed texts and key
 * ids, but not the signed text, which may contain personal data: the command line shows that. It
 * runs after the reply, so that neither the reply nor its timing depends on it. Undefined if the
 * option is off.
 */
export function createExplainLog<Input> (
  { vendor, as, keys, now, window, explain: isOn }: Settings,
  scheme: Verifier<Input>,
  diagnosis: Diagnosis<Input>
): ExplainLater | undefined {
  if (!isOn) return undefined
  let lastSearchAt = -Infinity

  async function log (request: FastifyRequest, code: unknown, refusedAt: number): Promise<void> {
    const fields = { vendor, decorator: as, code }
    try {
      const message = httpMessage(request)
      if (message.body.length > largestBody) {
        throw new RangeError(`the body is larger than ${largestBody} bytes`)
      }
      const validKeys = (await keys.at(refusedAt, request)).keys
      const otherKeys = (keys.all ?? []).filter(({ id }) => !validKeys.some(key => key.id === id))
      const { input, signature } = diagnosis.extract(message)
      const { matches, keyId, reasons, complete } = explain(
        scheme,
        diagnosis,
        input,
        signature,
        validKeys,
        {
          otherKeys,
          now: refusedAt,
          mostMs: searchMs,
          ...window && { window }
        }
      )
      request.log.warn(
        { ...fields, matches, ...keyId !== undefined && { keyId }, reasons },
        reasons.length > 0
          ? 'the signature was refused for these reasons'
          : complete
          ? 'no known mistake explains the signature'
          : `no explanation of the signature was found within ${searchMs} ms`
      )
    } catch (error) {
      request.log.warn({ ...fields, err: error }, 'the signature cannot be explained')
    }
  }

  return function explainLater (request, error) {
    const { code } = error as { code?: unknown }
    const refusedAt = now()
    if (!explainedCodes.includes(code) || Math.abs(refusedAt - lastSearchAt) < pauseMs) return
    lastSearchAt = refusedAt
    setImmediate(log, request, code, refusedAt)
  }
}

function httpMessage (request: FastifyRequest): HttpMessage {
  const headers = new Map<string, string>()
  const rawHeaders = rawHeadersOf(request)
  const pairs = rawHeaders.map((text, i) => [text.toLowerCase(), rawHeaders[i + 1] ?? ''] as const)
  for (const [name, value] of pairs.filter((_, i) => i % 2 === 0).toReversed()) {
    headers.set(name, value)
  }
  return { method: request.method, target: request.url, headers, body: bodyOf(request) }
}

/** Without a captured body, the signature is not in the body. */
function bodyOf (request: FastifyRequest): Uint8Array {
  try {
    return capturedBody(request)
  } catch {
    return new Uint8Array(0)
  }
}
