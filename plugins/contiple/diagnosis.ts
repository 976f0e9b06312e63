import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacSha256Digests,
  missingParts,
  otherTimes
} from '../kit/explain/index.ts'
import type { ContipleInput, ContipleSchemeOptions } from './scheme.ts'

/** Words that other interfaces put before the signature in this header. */
const schemeWords = ['Bearer', 'HMAC', 'HMAC-SHA256', 'Basic']

/** Known mistakes in code that signs Contiple's requests. */
export function createDiagnosis (
  { signedContent = 'body' }: Pick<ContipleSchemeOptions, 'signedContent'> = {}
): Diagnosis<ContipleInput> {
  return {
    ...hmacSha256Digests,
    otherSpellings: schemeWords.map(word => ({
      code: 'scheme-word',
      text: `The header has the word ${word} before the signature.`,
      fix: 'Send the signature alone in Authorization.',
      write: digest => `${word} ${Buffer.from(digest).toString('base64')}`
    })),
    timestamp: ({ timestamp }) => timestamp,
    *variants ({ body, timestamp, uri = '' }) {
      const text = typeof body === 'string' ? body : Buffer.from(body).toString()
      const signedPrefix = signedContent === 'uri+body' ? uri : ''
      for (const [mistakenText, reason] of bodyMistakes(text)) {
        yield { ...reason, message: signedPrefix + mistakenText + timestamp }
      }
      yield* otherTimes(timestamp, time => signedPrefix + text + time)
      yield signedContent === 'body'
        ? {
          code: 'uri-included',
          text: "The signature also covers the path, as the vendor's page describes it.",
          fix:
            "Sign only the body and the time, or register the plugin with signedContent: 'uri+body'.",
          message: uri + text + timestamp
        }
        : {
          code: 'uri-missing',
          text: 'The signature does not cover the path.',
          fix:
            "Sign the path, the body and the time, or register the plugin with signedContent: 'body'.",
          message: text + timestamp
        }
      const parts = [...signedPrefix === '' ? [] : [signedPrefix], text]
      for (const separator of ['.', ':', '|', '\n', ' ', '_', '&']) {
        yield {
          code: 'separator',
          text: 'The signed text has a separator between the parts, as with other vendors.',
          fix: 'Sign the body and the time, with nothing between them.',
          message: [...parts, timestamp].join(separator)
        }
        yield {
          code: 'order',
          text: 'The client signs the time before the body, with a separator between them.',
          fix: 'Sign the body, then the time, with nothing between them.',
          message: [timestamp, ...parts].join(separator)
        }
      }
      yield {
        code: 'order',
        text: 'The client signs the time before the body.',
        fix: 'Sign the body, then the time.',
        message: timestamp + signedPrefix + text
      }
      yield {
        code: 'time-missing',
        text: 'The signature does not cover the time.',
        fix: 'Append the text of X-TC-Timestamp to the body.',
        message: signedPrefix + text
      }
    },
    missing: request =>
      missingParts(headerPart(request, 'Authorization'), [headerPart(request, 'X-TC-Timestamp')]),
    extract ({ headers, body, target }) {
      return {
        input: { body, timestamp: headers.get('x-tc-timestamp') ?? '', uri: target },
        signature: headers.get('authorization') ?? ''
      }
    }
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()
