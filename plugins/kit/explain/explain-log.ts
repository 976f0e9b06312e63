import type { FastifyRequest } from 'fastify'
import { capturedBody } from '../route/capture.ts'
import type { Diagnosis, HttpMessage } from './diagnosis.ts'
import { explain } from './explain.ts'
import type { Settings } from '../route/options.ts'
import type { ExplainLater } from '../route/verify.ts'
import type { Verifier } from '../scheme.ts'
import { rawHeadersOf } from '../wire/headers.ts'

const explained: readonly unknown[] = ['FST_CC_SIGNATURE_INVALID', 'FST_CC_SIGNATURE_MALFORMED']

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
          mostMs: searchMs,
          ...window && { window }
        }
      )
      request.log.warn(
        { ...about, matches, ...keyId !== undefined && { keyId }, reasons },
        reasons.length > 0
          ? 'why the signature was refused'
          : complete
          ? 'nothing explains the signature'
          : `no explanation of the signature was found in ${searchMs} ms`
      )
    } catch (error) {
      request.log.warn({ ...about, err: error }, 'the signature cannot be explained')
    }
  }

  return function explainLater (request, error) {
    const { code } = error as { code?: unknown }
    const at = now()
    if (!explained.includes(code) || Math.abs(at - last) < pauseMs) return
    last = at
    setImmediate(log, request, code, at)
  }
}

function httpMessage (request: FastifyRequest): HttpMessage {
  const headers = new Map<string, string>()
  const list = rawHeadersOf(request)
  const raw = list.map((text, i) => [text.toLowerCase(), list[i + 1] ?? ''] as const)
  for (const [name, value] of raw.filter((_, i) => i % 2 === 0).toReversed()) {
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
