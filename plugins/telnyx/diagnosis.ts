import { createHash } from 'node:crypto'
import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  missingParts,
  otherTimes
} from '../kit/explain/index.ts'
import { type TelnyxInput, verifyBytes } from './scheme.ts'

/**
 * Known mistakes in code that simulates Telnyx with its own key pair, and in proxies that change
 * what Telnyx sent.
 */
export function createDiagnosis (): Diagnosis<TelnyxInput> {
  return {
    spelling: 'base64',
    digest: matchReceived,
    otherDigests: [
      {
        code: 'prehashed',
        text: 'The client signs the SHA-256 of the text instead of the text.',
        fix: 'Sign the text itself: Ed25519 hashes it.',
        digest: (message, key, received) =>
          matchReceived(createHash('sha256').update(message).digest(), key, received)
      },
      {
        code: 'prehashed',
        text: 'The client signs the SHA-512 of the text instead of the text.',
        fix: 'Sign the text itself: Ed25519 hashes it.',
        digest: (message, key, received) =>
          matchReceived(createHash('sha512').update(message).digest(), key, received)
      }
    ],
    timestamp: ({ timestamp }) => `${timestamp}000`,
    timeFormat: 'seconds',
    *variants ({ body, timestamp }) {
      const text = Buffer.from(body).toString()
      for (const [mistakenText, reason] of bodyMistakes(text)) {
        yield { ...reason, message: `${timestamp}|${mistakenText}` }
      }
      yield* otherTimes(timestamp, time => `${time}|${text}`, 'seconds')
      for (const separator of ['', '.', ':', '\n']) {
        yield {
          code: 'separator',
          text: 'The signed text has no bar between the time and the body.',
          fix: 'Sign the time, a bar and the body.',
          message: timestamp + separator + text
        }
      }
      yield {
        code: 'order',
        text: 'The client signs the body before the time.',
        fix: 'Sign the time, a bar and the body, in this order.',
        message: `${text}|${timestamp}`
      }
      yield {
        code: 'time-missing',
        text: 'The signature does not cover the time.',
        fix: 'Sign the time, a bar and the body.',
        message: text
      }
    },
    extract ({ headers, body }) {
      return {
        input: { body, timestamp: headers.get('telnyx-timestamp') ?? '' },
        signature: headers.get('telnyx-signature-ed25519') ?? ''
      }
    },
    missing: request =>
      missingParts(headerPart(request, 'telnyx-signature-ed25519'), [
        headerPart(request, 'telnyx-timestamp')
      ])
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

/** The bytes of the received signature, in any spelling, if they verify; else none. */
function matchReceived (
  message: string | Uint8Array,
  key: string | Uint8Array,
  received = ''
): Uint8Array {
  const text = decodeURIComponent(received.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'))
  const bytes = [
    Buffer.from(text.replaceAll(' ', '+'), 'base64'),
    Buffer.from(text, 'hex'),
    Buffer.from(Buffer.from(text, 'base64').toString(), 'hex')
  ]
  return bytes.find(candidate => verifies(message, key, candidate)) ?? Buffer.alloc(0)
}

/** A secret that is not a valid key, such as a damaged copy of one, verifies nothing. */
function verifies (
  message: string | Uint8Array,
  key: string | Uint8Array,
  signature: Uint8Array
): boolean {
  if (typeof key !== 'string' || signature.length !== 64) return false
  try {
    return verifyBytes(message, signature, key)
  } catch {
    return false
  }
}
