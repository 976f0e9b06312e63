import {
  bodyMistakes,
  type Diagnosis,
  headerPart,
  hmacDigests,
  missingParts
} from '../kit/explain/index.ts'
import type { IntercomInput } from './scheme.ts'

const spelling = 'Send sha1= followed by the hex.'

/** Known mistakes in code that signs Intercom's requests. */
export function createDiagnosis (): Diagnosis<IntercomInput> {
  return {
    ...hmacDigests('sha1'),
    spelling: 'hex',
    prefix: 'sha1=',
    otherSpellings: [
      {
        code: 'prefix-sha256',
        text: 'The prefix is that of X-Hub-Signature-256, a header of other vendors.',
        fix: spelling,
        write: digest => `sha256=${Buffer.from(digest).toString('hex')}`
      },
      {
        code: 'prefix-colon',
        text: 'The prefix has a colon instead of an equals sign.',
        fix: spelling,
        write: digest => `sha1:${Buffer.from(digest).toString('hex')}`
      }
    ],
    *variants ({ body }) {
      const text = Buffer.from(body).toString()
      for (const [message, reason] of bodyMistakes(text)) yield { ...reason, message }
      yield* listParts(text)
    },
    extract ({ headers, body }) {
      return { input: { body }, signature: headers.get('x-hub-signature') ?? '' }
    },
    missing: request => missingParts(headerPart(request, 'X-Hub-Signature'))
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

/** Clients that sign only a part of the body. */
function* listParts (text: string) {
  let value: { data?: { item?: unknown } | null } | null
  try {
    value = JSON.parse(text) as typeof value
  } catch {
    return
  }
  for (const part of [value?.data, value?.data?.item]) {
    if (part === undefined) continue
    yield {
      code: 'body-part',
      text: 'The client signs only a part of the body: its data, or the item in its data.',
      fix: 'Sign the whole body, byte for byte as you send it.',
      message: JSON.stringify(part)
    }
  }
}
