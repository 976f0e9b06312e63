import { hash } from 'node:crypto'
import { assertStrict, type Scheme } from '../kit/scheme.ts'
import { equalText } from '../kit/wire/mac.ts'
import { assertSecret, sortTexts } from '../kit/wire/text.ts'
import { entriesOf, type ItxChatInput } from './entries.ts'

/** The options of ITX chat's scheme. */
export interface ItxChatSchemeOptions {
  /**
   * False reproduces the portal for every well-formed input; true (default) also refuses entries
   * that could be read as others.
   */
  strict?: boolean
}

/**
 * `hex(SHA-1(entries and secret, sorted by code unit and joined with "-"))`.
 * @see https://apidoc.itxuc.com/docs/guides/chat-widget
 */
export function createScheme ({ strict = true }: ItxChatSchemeOptions = {}): Scheme<ItxChatInput> {
  assertStrict(strict)
  function message (input: ItxChatInput, secret: string): string {
    assertSecret(secret)
    const entries = entriesOf(input, strict)
    entries.push(secret)
    return sortTexts(entries).join('-')
  }

  const sign = (input: ItxChatInput, secret: string): string =>
    hash('sha1', message(input, secret), 'hex')

  return {
    name: 'itx-chat',
    limits: [
      'no-timestamp',
      'no-nonce',
      'unescaped-separator',
      'unnamed-fields',
      'untyped-values',
      'some-fields-not-covered',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered',
      'weak-hash'
    ],
    message,
    sign,
    verify: (input, signature, secret) => equalText(signature, sign(input, secret))
  }
}

/** The scheme with default options. */
export const scheme = createScheme()

/** Whether this is a SHA-1 in the one spelling that the portal writes: 40 lower-case hex digits. */
export function isHash (signature: unknown): signature is string {
  return typeof signature === 'string' && /^[0-9a-f]{40}$/.test(signature)
}
