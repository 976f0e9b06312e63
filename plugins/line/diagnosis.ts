import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacSha256Digests,
  missingParts
} from '../kit/explain/index.ts'
import type { LineInput } from './scheme.ts'

/** Known mistakes in code that signs LINE's requests. */
export function createDiagnosis (): Diagnosis<LineInput> {
  return {
    ...hmacSha256Digests,
    otherSpellings: ['sha256=', 'v1,', 'Bearer '].map(prefix => ({
      code: 'prefix',
      text: `The signature has the prefix ${prefix.trim()}, as with other vendors.`,
      fix: 'Send the base64 alone in X-Line-Signature.',
      write: digest => prefix + Buffer.from(digest).toString('base64')
    })),
    *variants ({ body }) {
      for (const [message, reason] of bodyMistakes(Buffer.from(body).toString())) {
        yield { ...reason, message }
      }
      yield* listParts(body)
    },
    extract ({ headers, body }) {
      return { input: { body }, signature: headers.get('x-line-signature') ?? '' }
    },
    missing: request => missingParts(headerPart(request, 'X-Line-Signature'))
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

/** Clients that sign only a part of the body. */
function* listParts (body: string | Uint8Array) {
  let value: { events?: unknown[] } | null
  try {
    value = JSON.parse(Buffer.from(body).toString()) as typeof value
  } catch {
    return
  }
  const parts = [value?.events, ...Array.isArray(value?.events) ? value.events : []]
  for (const part of parts) {
    if (part === undefined) continue
    yield {
      code: 'body-part',
      text: 'The client signs only a part of the body: its events, or one event.',
      fix: 'Sign the whole body, byte for byte as you send it.',
      message: JSON.stringify(part)
    }
  }
}
