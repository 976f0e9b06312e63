import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacSha256Digests,
  missingParts,
  otherTimes
} from '../kit/explain/index.ts'
import type { ZoomInput } from './scheme.ts'

/** Known mistakes in code that signs Zoom's requests. */
export function createDiagnosis (): Diagnosis<ZoomInput> {
  return {
    ...hmacSha256Digests,
    spelling: 'hex',
    prefix: 'v0=',
    otherSpellings: [{
      code: 'prefix-colon',
      text: 'The header has a colon after v0, which belongs only in the signed text.',
      fix: 'Send v0= followed by the hex.',
      write: digest => `v0:${Buffer.from(digest).toString('hex')}`
    }],
    timestamp: ({ timestamp }) => `${timestamp}000`,
    timeFormat: 'seconds',
    *variants ({ body, timestamp }) {
      const text = Buffer.from(body).toString()
      for (const [mistakenText, reason] of bodyMistakes(text)) {
        yield { ...reason, message: `v0:${timestamp}:${mistakenText}` }
      }
      yield* otherTimes(timestamp, time => `v0:${time}:${text}`, 'seconds')
      yield {
        code: 'version-missing',
        text: 'The signed text does not begin with v0 and a colon.',
        fix: 'Sign v0, the time and the body, with a colon between them.',
        message: `${timestamp}:${text}`
      }
      yield {
        code: 'version-equals',
        text: 'The signed text begins with v0=, which belongs only in the header.',
        fix: 'Put colons into the signed text, and v0= before the signature.',
        message: `v0=${timestamp}:${text}`
      }
      yield {
        code: 'separator',
        text: 'The parts have full stops between them, as with other vendors.',
        fix: 'Put colons between v0, the time and the body.',
        message: `v0.${timestamp}.${text}`
      }
      yield {
        code: 'no-separator',
        text: 'The parts have no separator between them.',
        fix: 'Put colons between v0, the time and the body.',
        message: `v0${timestamp}${text}`
      }
      yield {
        code: 'order',
        text: 'The client signs the body before the time.',
        fix: 'Sign v0, the time and the body, in this order.',
        message: `v0:${text}:${timestamp}`
      }
      yield {
        code: 'time-missing',
        text: 'The signature does not cover the time.',
        fix: 'Sign v0, the time and the body, with a colon between them.',
        message: text
      }
    },
    extract ({ headers, body }) {
      return {
        input: { body, timestamp: headers.get('x-zm-request-timestamp') ?? '' },
        signature: headers.get('x-zm-signature') ?? ''
      }
    },
    missing: request =>
      missingParts(headerPart(request, 'x-zm-signature'), [
        headerPart(request, 'x-zm-request-timestamp')
      ])
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()
