import { createHash } from 'node:crypto'
import { type Diagnosis, hmacSha256, type Variant } from '../kit/index.ts'
import type { ContipleInput } from './scheme.ts'

/** What those get wrong who sign Contiple's requests by hand. */
export function contipleDiagnosis (signedContent: 'body' | 'uri+body'): Diagnosis<ContipleInput> {
  return {
    spelling: 'base64',
    digest: (message, key) => hmacSha256(key, message),
    otherDigests: [
      { code: 'hash-not-hmac', text: 'It is a plain SHA-256 of the key and the text.', fix: 'Use HMAC-SHA-256 with the key as its key.', digest: (message, key) => createHash('sha256').update(key).update(message).digest() },
      { code: 'hash-not-hmac', text: 'It is a plain SHA-256 of the text and the key.', fix: 'Use HMAC-SHA-256 with the key as its key.', digest: (message, key) => createHash('sha256').update(message).update(key).digest() }
    ],
    timestamp: ({ timestamp }) => timestamp,
    * variants ({ body, timestamp, uri }) {
      const text = typeof body === 'string' ? body : Buffer.from(body).toString()
      const before = signedContent === 'uri+body' ? uri ?? '' : ''
      for (const [other, reason] of bodies(text)) yield { ...reason, message: before + other + timestamp }
      yield * times(timestamp, time => before + text + time)
      if (uri !== undefined) {
        yield signedContent === 'body'
          ? { code: 'uri-included', text: 'The path is signed too, as the vendor\'s prose says.', fix: 'Sign body and time only, or register the plugin with signedContent: \'uri+body\'.', message: uri + text + timestamp }
          : { code: 'uri-missing', text: 'The path is not signed.', fix: 'Sign path, body and time, or register the plugin with signedContent: \'body\'.', message: text + timestamp }
      }
      yield { code: 'order', text: 'The time stands before the body.', fix: 'Sign the body, then the time.', message: timestamp + before + text }
      yield { code: 'time-missing', text: 'The time is not signed.', fix: 'Put the text of X-TC-Timestamp after the body.', message: before + text }
    },
    extract ({ headers, body, target }) {
      return {
        input: { body, timestamp: headers.get('x-tc-timestamp') ?? '', uri: target },
        signature: headers.get('authorization') ?? ''
      }
    }
  }
}

function * bodies (text: string): Generator<[string, Omit<Variant, 'message'>]> {
  const bytes = 'Sign the very bytes that are sent.'
  const reserialised = { code: 'body-reserialised', text: 'The body was parsed and written again before it was signed.', fix: bytes }
  for (const other of rewritten(text)) yield [other, reserialised]
  yield [text.trim(), { code: 'body-trimmed', text: 'The body was trimmed before it was signed.', fix: bytes }]
  for (const other of [text + '\n', text.replaceAll('\r\n', '\n'), text.replaceAll(/\r?\n/g, '\r\n'), text.replace(/\r?\n$/, '')]) {
    yield [other, { code: 'body-newline', text: 'The body that was signed has other line ends than the one that was sent.', fix: bytes }]
  }
  const marked = text.startsWith('\ufeff')
  yield [marked ? text.slice(1) : '\ufeff' + text, { code: 'body-bom', text: `The body was signed ${marked ? 'without' : 'with'} a byte-order mark.`, fix: bytes }]
}

/** The usual ways of writing one JSON value. */
function rewritten (text: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  const compact = JSON.stringify(value)
  const spaced = JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ').replaceAll(/([[{]) | ([\]}])/g, '$1$2')
  const escaped = compact.replaceAll(/[\u0080-\uffff]/g, one => '\\u' + one.charCodeAt(0).toString(16).padStart(4, '0'))
  return [compact, spaced, escaped, JSON.stringify(value, null, 2), JSON.stringify(value, null, 4), compact.replaceAll('/', '\\/')]
}

function * times (timestamp: string, message: (time: string) => string): Generator<Variant> {
  if (!/^[0-9]{1,19}$/.test(timestamp)) return
  yield { code: 'time-seconds', text: 'The time was signed in seconds but sent in milliseconds.', fix: 'Sign the text of the header.', message: message(timestamp.slice(0, -3)) }
  yield { code: 'time-seconds', text: 'The time was signed in milliseconds but sent in seconds.', fix: 'Send the milliseconds that were signed.', message: message(timestamp + '000') }
}
