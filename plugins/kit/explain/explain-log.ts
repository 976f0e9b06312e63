import type { FastifyRequest } from 'fastify'
import { capturedBody } from '../route/capture.ts'
import type { Diagnosis, HttpMessage } from './diagnosis.ts'
import { explain } from './explain.ts'
import type { Settings } from '../route/options.ts'
import type { ExplainLater } from '../route/verify.ts'
import type { Verifier } from '../scheme.ts'

const explained: readonly unknown[] = ['FST_CC_SIGNATURE_INVALID', 'FST_CC_SIGNATURE_MALFORMED']

/**
 * A search makes hundreds of signatures, and forged requests must not buy much of our time:
 * the most bytes of a body, the milliseconds of a search, and the least of them between two.
 */
const largestBody = 8192
const mostMs = 250
const restMs = 1000

/**
 * For the option `explain`: logs why a signature was refused. The log gets codes, fixed
 * texts and key ids; what was signed may name people, and is for the command line.
 * It runs after the reply, which so neither shows nor, by the time it takes, tells of it.
 * Undefined where the option is off.
 */
export function createExplainLog<Input> (
  { vendor, as, keys, now, window, explain: isOn }: Settings,
  scheme: Verifier<Input>,
  diagnosis: Diagnosis<Input>
): ExplainLater | undefined {
  if (!isOn) return undefined
  let last = -Infinity

  async function log (request: FastifyRequest, code: unknown, at: number): Promise<void> {
    const about = { vendor, decorator: as, code }
    try {
      const message = httpMessage(request)
      if (message.body.length > largestBody) {
        throw new RangeError(`the body is larger than ${largestBody} bytes`)
      }
      const valid = (await keys.at(at, request)).keys
      const otherKeys = (keys.all ?? []).filter(({ id }) => !valid.some(key => key.id === id))
      const { input, signature } = diagnosis.extract(message)
      const { matches, keyId, reasons, complete } = explain(
        scheme,
        diagnosis,
        input,
        signature,
        valid,
        {
          otherKeys,
          now: at,
          mostMs,
          ...window && { window }
        }
      )
      request.log.warn(
        { ...about, matches, ...keyId !== undefined && { keyId }, reasons },
        reasons.length > 0
          ? 'why the signature was refused'
          : complete
          ? 'nothing explains the signature'
          : `no explanation of the signature was found in ${mostMs} ms`
      )
    } catch (error) {
      request.log.warn({ ...about, err: error }, 'the signature cannot be explained')
    }
  }

  return function explainLater (request, error) {
    const { code } = error as { code?: unknown }
    const at = now()
    if (!explained.includes(code) || Math.abs(at - last) < restMs) return
    last = at
    setImmediate(log, request, code, at)
  }
}

function httpMessage (request: FastifyRequest): HttpMessage {
  const headers = new Map<string, string>()
  const raw = request.raw.rawHeaders.map((text, i) =>
    [text.toLowerCase(), request.raw.rawHeaders[i + 1] ?? ''] as const
  )
  for (const [name, value] of raw.filter((_, i) => i % 2 === 0).toReversed()) {
    headers.set(name, value)
  }
  return { method: request.method, target: request.url, headers, body: bodyOf(request) }
}

/** Signatures of vendors that capture nothing do not lie in the body. */
function bodyOf (request: FastifyRequest): Uint8Array {
  try {
    return capturedBody(request)
  } catch {
    return new Uint8Array(0)
  }
}
