import type { Reason, Spelling } from './diagnosis.ts'

const base64 = (digest: Uint8Array): string => Buffer.from(digest).toString('base64')
const base64url = (digest: Uint8Array): string => Buffer.from(digest).toString('base64url')
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

type Encoding = 'base64' | 'base64url' | 'hex'

/**
 * The right spelling, then those that clients send by mistake, each after the vendor's prefix.
 */
export function spellings (encoding: Encoding, prefix = ''): Array<Spelling | Spelling & Reason> {
  const list = spellingsOf(encoding)
  if (prefix === '') return list
  return [
    ...list.map(spelling => ({
      ...spelling,
      write: (digest: Uint8Array) => prefix + spelling.write(digest)
    })),
    ...list.slice(0, 1).map(({ write }) => ({
      code: 'prefix-missing',
      text: `The signature is right but lacks the prefix ${prefix}.`,
      fix: `Send ${prefix} followed by the signature.`,
      write
    }))
  ]
}

function spellingsOf (encoding: Encoding): Array<Spelling | Spelling & Reason> {
  const write = { base64, base64url, hex }[encoding]
  const misspelling = (
    code: string,
    text: string,
    write: Spelling['write'],
    fix = `Send ${describeEncoding(encoding)}.`
  ): Spelling & Reason => ({ code, text, fix, write })
  return [
    { write },
    encoding === 'hex'
      ? misspelling('spelling-base64', 'The signature is right but encoded in base64.', base64)
      : misspelling('spelling-hex', 'The signature is right but encoded in hex.', hex),
    ...encoding === 'base64url'
      ? [
        misspelling(
          'spelling-base64',
          'The signature is right but encoded in standard base64.',
          base64
        )
      ]
      : [],
    misspelling(
      'spelling-hex-case',
      'The signature is right but encoded in upper-case hex.',
      digest => hex(digest).toUpperCase()
    ),
    misspelling(
      'spelling-base64url',
      'The signature is right but encoded in url-safe base64.',
      digest => base64(digest).replaceAll('+', '-').replaceAll('/', '_')
    ),
    misspelling(
      'spelling-unpadded',
      'The signature is right but lacks its padding.',
      digest => base64(digest).replace(/={1,2}$/, '')
    ),
    misspelling(
      'spelling-base64url',
      'The signature is right but encoded in unpadded url-safe base64.',
      base64url
    ),
    misspelling(
      'spelling-case',
      'The signature is right but in lower case.',
      digest => base64(digest).toLowerCase(),
      'Never change the case of a header: base64 is case-sensitive.'
    ),
    misspelling(
      'spelling-percent-encoded',
      'The signature is right but percent-encoded.',
      digest => encodeURIComponent(write(digest)),
      'Encode the signature only in a URL or a form, and only once.'
    ),
    misspelling(
      'spelling-plus',
      'The signature is right but its plus signs became spaces.',
      digest => write(digest).replaceAll('+', ' '),
      'Percent-encode the signature in a URL or a form.'
    ),
    misspelling(
      'spelling-base64-of-hex',
      'The signature is the right hex digest, encoded again in base64.',
      digest => base64(Buffer.from(hex(digest))),
      'Encode the bytes of the digest, not its hex text.'
    ),
    misspelling(
      'spelling-zeros',
      'The signature is right but lacks its leading zeros.',
      digest => hex(digest).replace(/^0+/, ''),
      'Pad the hex: a big number prints without leading zeros.'
    ),
    misspelling(
      'spelling-byte-zeros',
      'The signature is right but its bytes lack their leading zeros.',
      digest => Array.from(digest, byte => byte.toString(16)).join(''),
      'Write two hex digits for every byte.'
    ),
    misspelling(
      'spelling-line-end',
      'The signature is right but a line break follows it.',
      digest => write(digest) + '\n',
      'Remove the line break: some encoders append one.'
    )
  ]
}

function describeEncoding (spelling: Encoding): string {
  return {
    base64: 'standard base64 with its padding',
    base64url: 'url-safe base64 without padding',
    hex: 'lower-case hex'
  }[spelling]
}
