import {
  bodyMistakes,
  type Diagnosis,
  type Digest,
  headerPart,
  hmacSha256Digests,
  missingParts,
  otherTimes
} from '../kit/explain/index.ts'
import { hmacSha256 } from '../kit/wire/mac.ts'
import { mostSignatures, type StandardWebhooksInput } from './scheme.ts'

/** The prefix of the three headers' names. */
export type HeaderNames = 'webhook' | 'svix'

const decoding = 'Remove whsec_ and decode the rest from base64.'

/** Known mistakes in code that signs such requests. */
export function createDiagnosis (
  { headers: names = 'webhook' }: { headers?: HeaderNames } = {}
): Diagnosis<StandardWebhooksInput> {
  return {
    spelling: 'base64',
    prefix: 'v1,',
    digest: (message, key) => hmacSha256(keyBytes(key), message),
    otherDigests: [
      {
        code: 'key-as-text',
        text: 'The client uses the text of the secret, whsec_ included, as the key.',
        fix: decoding,
        digest: (message, key) => hmacSha256(key, message)
      },
      {
        code: 'key-not-decoded',
        text: 'The client does not decode the secret from base64.',
        fix: decoding,
        digest: (message, key) => hmacSha256(encodedKey(key), message)
      },
      {
        code: 'key-prefix-decoded',
        text: 'The client decodes whsec_ and the secret together from base64.',
        fix: decoding,
        digest: (message, key) => hmacSha256(Buffer.from(String(key), 'base64'), message)
      },
      ...hmacSha256Digests.otherDigests.map(mistakenText => ({
        ...mistakenText,
        digest: ((message, key) => mistakenText.digest(message, keyBytes(key))) satisfies Digest
      }))
    ],
    otherSpellings: [
      {
        code: 'prefix-equals',
        text: 'The signature has the prefix v1=, as with other vendors.',
        fix: 'Send v1, a comma and the base64.',
        write: digest => `v1=${Buffer.from(digest).toString('base64')}`
      }
    ],
    timestamp: ({ timestamp }) => `${timestamp}000`,
    timeFormat: 'seconds',
    signatures: header => header.split(' ', mostSignatures),
    *variants ({ id, timestamp, body }) {
      const text = Buffer.from(body).toString()
      for (const [mistakenText, reason] of bodyMistakes(text)) {
        yield { ...reason, message: `${id}.${timestamp}.${mistakenText}` }
      }
      yield* otherTimes(timestamp, time => `${id}.${time}.${text}`, 'seconds')
      yield {
        code: 'id-missing',
        text: 'The signature does not cover the message id.',
        fix: 'Sign the id, the time and the body, with full stops between them.',
        message: `${timestamp}.${text}`
      }
      yield {
        code: 'order',
        text: 'The client signs the time before the id.',
        fix: 'Sign the id, the time and the body, in this order.',
        message: `${timestamp}.${id}.${text}`
      }
      yield {
        code: 'separator',
        text: 'The parts have no separator between them.',
        fix: 'Put full stops between the id, the time and the body.',
        message: id + timestamp + text
      }
      yield {
        code: 'separator',
        text: 'The parts have colons between them, as with other vendors.',
        fix: 'Put full stops between the id, the time and the body.',
        message: `${id}:${timestamp}:${text}`
      }
      yield {
        code: 'body-only',
        text: 'The signature covers only the body.',
        fix: 'Sign the id, the time and the body, with full stops between them.',
        message: text
      }
    },
    extract ({ headers, body }) {
      return {
        input: {
          id: headers.get(`${names}-id`) ?? '',
          timestamp: headers.get(`${names}-timestamp`) ?? '',
          body
        },
        signature: headers.get(`${names}-signature`) ?? ''
      }
    },
    missing: request =>
      missingParts(headerPart(request, `${names}-signature`), [
        headerPart(request, `${names}-id`),
        headerPart(request, `${names}-timestamp`)
      ])
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

function encodedKey (key: string | Uint8Array): string | Uint8Array {
  return typeof key === 'string' ? key.replace(/^whsec_/, '') : key
}

function keyBytes (key: string | Uint8Array): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key.replace(/^whsec_/, ''), 'base64') : key
}
