import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacSha256Digests,
  missingParts
} from '../kit/explain/index.ts'
import type { WhatsappInput } from './scheme.ts'

/** Known mistakes in code that signs Meta's requests. */
export function createDiagnosis (): Diagnosis<WhatsappInput> {
  return {
    ...hmacSha256Digests,
    spelling: 'hex',
    prefix: 'sha256=',
    otherSpellings: [
      {
        code: 'prefix-sha1',
        text: 'The prefix is that of X-Hub-Signature, the older header.',
        fix: 'Send sha256= followed by the hex.',
        write: digest => `sha1=${Buffer.from(digest).toString('hex')}`
      },
      {
        code: 'prefix-colon',
        text: 'The prefix has a colon instead of an equals sign.',
        fix: 'Send sha256= followed by the hex.',
        write: digest => `sha256:${Buffer.from(digest).toString('hex')}`
      }
    ],
    *variants ({ body }) {
      const text = Buffer.from(body).toString()
      yield {
        code: 'unescaped',
        text: 'The client decodes the escapes in the body before signing it.',
        fix: 'Sign the exact bytes that you send: Meta escapes non-ASCII characters.',
        message: text.replaceAll(
          /\\u([0-9a-fA-F]{4})/g,
          (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))
        )
      }
      yield {
        code: 'slash-unescaped',
        text: 'The client unescapes the slashes in the body before signing it.',
        fix: 'Sign the exact bytes that you send: Meta writes \\/ for a slash.',
        message: text.replaceAll('\\/', '/')
      }
      for (const [message, reason] of bodyMistakes(text)) yield { ...reason, message }
    },
    extract ({ headers, body }) {
      return { input: { body }, signature: headers.get('x-hub-signature-256') ?? '' }
    },
    missing: request => missingParts(headerPart(request, 'X-Hub-Signature-256'))
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()
