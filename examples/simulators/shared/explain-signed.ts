import { type Diagnosis, explain } from 'fastify-contact-center/explain'
import { InputError, type Scheme } from 'fastify-contact-center/kit'

export interface SignedBy<Input> {
  readonly scheme: Scheme<Input>
  readonly diagnosis: Diagnosis<Input>
  readonly key: string
  readonly oldKey?: string
  readonly now?: number
}

/**
 * The mistake in content signed by a service, or undefined. `read` extracts the content from the
 * response.
 */
export function explainSignature<Input> (
  { scheme, diagnosis, key, oldKey, now }: SignedBy<Input>,
  read: () => { input: Input, signature: string }
): string | undefined {
  try {
    const { input, signature } = read()
    if (signature === '') return 'There is no signature.'
    const { matches, reasons, signedText } = explain(scheme, diagnosis, input, signature, [{
      id: 'the key',
      secret: key
    }], {
      ...oldKey !== undefined && { otherKeys: [{ id: 'the old key', secret: oldKey }] },
      ...now !== undefined && { now, window: { pastMs: 180_000, futureMs: 180_000 } }
    })
    if (matches && reasons.length === 0) return undefined
    const why = reasons.map(({ text, fix }) => `${text} ${fix}`).join(' ') ||
      'It fits no known mistake.'
    return matches
      ? why
      : `The signature does not match. ${why} The text to sign, with the key masked: ${signedText}`
  } catch (error) {
    if (error instanceof InputError || error instanceof TypeError) {
      return `The signed text is unreadable: ${error.message}`
    }
    throw error
  }
}

/** Reads a body like the vendor. @throws {InputError} if it is unreadable */
export function readBody<Input> (
  diagnosis: Diagnosis<Input>,
  body: string,
  type = 'application/json'
): { input: Input, signature: string } {
  return diagnosis.extract({
    method: 'POST',
    headers: new Map([['content-type', type]]),
    target: '/',
    body: Buffer.from(body)
  })
}
