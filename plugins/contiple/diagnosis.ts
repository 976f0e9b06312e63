import {
  type Diagnosis,
  hmacSha256Digests,
  jsonWriters,
  otherTimes,
  type Reason
} from '../kit/explain/index.ts'
import type { ContipleInput, ContipleSchemeOptions } from './scheme.ts'

/** Where other interfaces have one in this header. */
const schemeWords = ['Bearer', 'HMAC', 'HMAC-SHA256', 'Basic']

/** What those get wrong who sign Contiple's requests by hand. */
export function createDiagnosis (
  { signedContent = 'body' }: Pick<ContipleSchemeOptions, 'signedContent'> = {}
): Diagnosis<ContipleInput> {
  return {
    ...hmacSha256Digests,
    otherSpellings: schemeWords.map(word => ({
      code: 'scheme-word',
      text: `The word ${word} stands before the signature.`,
      fix: 'Send the signature alone in Authorization.',
      write: digest => `${word} ${Buffer.from(digest).toString('base64')}`
    })),
    timestamp: ({ timestamp }) => timestamp,
    *variants ({ body, timestamp, uri = '' }) {
      const text = typeof body === 'string' ? body : Buffer.from(body).toString()
      const before = signedContent === 'uri+body' ? uri : ''
      for (const [other, reason] of bodies(text)) {
        yield { ...reason, message: before + other + timestamp }
      }
      yield* otherTimes(timestamp, time => before + text + time)
      yield signedContent === 'body'
        ? {
          code: 'uri-included',
          text: "The path is signed too, as the vendor's prose says.",
          fix: "Sign body and time only, or register the plugin with signedContent: 'uri+body'.",
          message: uri + text + timestamp
        }
        : {
          code: 'uri-missing',
          text: 'The path is not signed.',
          fix: "Sign path, body and time, or register the plugin with signedContent: 'body'.",
          message: text + timestamp
        }
      yield {
        code: 'order',
        text: 'The time stands before the body.',
        fix: 'Sign the body, then the time.',
        message: timestamp + before + text
      }
      yield {
        code: 'time-missing',
        text: 'The time is not signed.',
        fix: 'Put the text of X-TC-Timestamp after the body.',
        message: before + text
      }
    },
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

const fix = 'Sign the very bytes that are sent.'
const newline = {
  code: 'body-newline',
  text: 'The body that was signed has other line ends than the one that was sent.',
  fix
}
const reserialised = {
  code: 'body-reserialised',
  text: 'The body was parsed and written again before it was signed.',
  fix
}

/** From the smallest difference to the largest, because the larger ones undo the smaller too. */
function bodies (text: string): Array<readonly [string, Reason]> {
  const marked = text.startsWith('\ufeff')
  return [
    [marked ? text.slice(1) : '\ufeff' + text, {
      code: 'body-bom',
      text: `The body was signed ${marked ? 'without' : 'with'} a byte-order mark.`,
      fix
    }],
    [text + '\n', newline],
    [text.replace(/\r?\n$/, ''), newline],
    [text.replaceAll('\r\n', '\n'), newline],
    [text.replaceAll(/\r?\n/g, '\r\n'), newline],
    [text.trim(), {
      code: 'body-trimmed',
      text: 'The body was trimmed before it was signed.',
      fix
    }],
    ...rewritten(text).map(other => [other, reserialised] as const)
  ]
}

function rewritten (text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    return jsonWriters.map(write => write(value))
  } catch {
    return []
  }
}
