import { createHash } from 'node:crypto'
import { assertSecret, equalBytes, type Scheme } from '../kit/index.ts'
import { itxChatDiagnosis } from './diagnosis.ts'
import { entriesOf, type ItxChatInput } from './entries.ts'

export interface ItxChatSchemeOptions {
  /** False reproduces the portal for every well-formed input; true (default) also refuses entries that could be read as others. */
  strict?: boolean
}

/**
 * `hex(SHA-1(entries, the secret among them, sorted by code unit and joined with "-"))`.
 * @see https://apidoc.itxuc.com/docs/guides/chat-widget
 */
export function createScheme ({ strict = true }: ItxChatSchemeOptions = {}): Scheme<ItxChatInput> {
  function message (input: ItxChatInput, secret: string): string {
    assertSecret(secret)
    return [secret, ...entriesOf(input, strict)].sort().join('-')
  }

  function hash (input: ItxChatInput, secret: string): Buffer {
    return createHash('sha1').update(message(input, secret)).digest()
  }

  return {
    name: 'itx-chat',
    limits: [
      'no-timestamp', 'no-nonce', 'unescaped-separator', 'unnamed-fields', 'untyped-values', 'some-fields-not-covered',
      'method-not-covered', 'uri-not-covered', 'headers-not-covered', 'weak-hash'
    ],
    message,
    sign: (input, secret) => hash(input, secret).toString('hex'),
    verify (input, signature, secret) {
      const expected = hash(input, secret)
      return isHash(signature) && equalBytes(Buffer.from(signature, 'hex'), expected)
    },
    diagnosis: itxChatDiagnosis
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

/** Whether this is a SHA-1 in the one spelling that the portal writes: 40 lower-case hex digits. */
export function isHash (signature: unknown): signature is string {
  return typeof signature === 'string' && /^[0-9a-f]{40}$/.test(signature)
}
