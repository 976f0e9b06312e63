import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacSha256Digests,
  missingParts
} from '../kit/explain/index.ts'
import type { ZendeskInput } from './scheme.ts'
import { macHeader, timeHeader } from './sign.ts'

const joinFix = 'Sign the time and the body, with nothing between them.'

/** Known mistakes in code that signs Zendesk's requests. */
export function createDiagnosis (): Diagnosis<ZendeskInput> {
  return {
    ...hmacSha256Digests,
    otherSpellings: ['sha256=', 'v1,', 'v0='].map(prefix => ({
      code: 'prefix',
      text: `The signature has the prefix ${prefix}, as with other vendors.`,
      fix: `Send the base64 alone in ${macHeader}.`,
      write: digest => prefix + Buffer.from(digest).toString('base64')
    })),
    timestamp: ({ timestamp }) => String(Date.parse(timestamp)),
    timeFormat: 'ISO 8601',
    *variants ({ timestamp, body }) {
      const text = Buffer.from(body).toString()
      for (const [mistakenText, reason] of bodyMistakes(text)) {
        yield { ...reason, message: timestamp + mistakenText }
      }
      yield {
        code: 'order',
        text:
          "The client signs the body before the time, as an older version of Zendesk's page shows.",
        fix: 'Sign the time and the body, in this order.',
        message: text + timestamp
      }
      for (const separator of ['.', ':', '|', '\n', ' ']) {
        yield {
          code: 'separator',
          text:
            'The signed text has a separator between the time and the body, as with other vendors.',
          fix: joinFix,
          message: timestamp + separator + text
        }
      }
      yield {
        code: 'time-missing',
        text: 'The signature does not cover the time.',
        fix: joinFix,
        message: text
      }
      yield {
        code: 'body-missing',
        text:
          'The signature covers only the time: other code read the body first, and left it empty.',
        fix: joinFix,
        message: timestamp
      }
      for (const time of otherTexts(timestamp)) {
        yield {
          code: 'time-text',
          text: 'The client parses and rewrites the time before signing it.',
          fix: `Sign the text of ${timeHeader} unchanged.`,
          message: time + text
        }
      }
    },
    extract ({ headers, body }) {
      return {
        input: { timestamp: headers.get(timeHeader.toLowerCase()) ?? '', body },
        signature: headers.get(macHeader.toLowerCase()) ?? ''
      }
    },
    missing: request =>
      missingParts(headerPart(request, macHeader), [headerPart(request, timeHeader)])
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

/** The same time, parsed and written again by a program. */
function otherTexts (timestamp: string): string[] {
  const time = Date.parse(timestamp)
  if (Number.isNaN(time)) return []
  const iso = new Date(time).toISOString()
  const isoSeconds = iso.slice(0, -'.000Z'.length)
  const [seconds, milliseconds] = [String(Math.floor(time / 1000)), String(time)]
  return [
    seconds,
    milliseconds,
    iso,
    `${isoSeconds}Z`,
    `${isoSeconds}+00:00`,
    `${isoSeconds.replace('T', ' ')} UTC`
  ]
    .filter(text => text !== timestamp)
}
