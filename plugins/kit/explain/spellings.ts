import type { Reason, Spelling } from './diagnosis.ts'

const base64 = (digest: Uint8Array): string => Buffer.from(digest).toString('base64')
const base64url = (digest: Uint8Array): string => Buffer.from(digest).toString('base64url')
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

type Wanted = 'base64' | 'base64url' | 'hex'

/**
 * The spelling that is asked for, then those that clients send instead, each behind the vendor's
 * prefix.
 */
export function spellings (wanted: Wanted, prefix = ''): Array<Spelling | Spelling & Reason> {
  const all = spellingsOf(wanted)
  if (prefix === '') return all
  return [
    ...all.map(one => ({ ...one, write: (digest: Uint8Array) => prefix + one.write(digest) })),
    ...all.slice(0, 1).map(({ write }) => ({
      code: 'prefix-missing',
      text: `The signature is right but ${prefix} is missing before it.`,
      fix: `Send ${prefix} and the signature.`,
      write
    }))
  ]
}

function spellingsOf (wanted: Wanted): Array<Spelling | Spelling & Reason> {
  const write = { base64, base64url, hex }[wanted]
  const other = (
    code: string,
    text: string,
    write: Spelling['write'],
    fix = `Send ${name(wanted)}.`
  ): Spelling & Reason => ({ code, text, fix, write })
  return [
    { write },
    wanted === 'hex'
      ? other('spelling-base64', 'The signature is right but written in base64.', base64)
      : other('spelling-hex', 'The signature is right but written in hex.', hex),
    ...wanted === 'base64url'
      ? [other('spelling-base64', 'The signature is right but written in standard base64.', base64)]
      : [],
    other(
      'spelling-hex-case',
      'The signature is right but written in upper-case hex.',
      digest => hex(digest).toUpperCase()
    ),
    other(
      'spelling-base64url',
      'The signature is right but written in url-safe base64.',
      digest => base64(digest).replaceAll('+', '-').replaceAll('/', '_')
    ),
    other(
      'spelling-unpadded',
      'The signature is right but its padding is missing.',
      digest => base64(digest).replace(/={1,2}$/, '')
    ),
    other(
      'spelling-base64url',
      'The signature is right but written in unpadded url-safe base64.',
      base64url
    ),
    other(
      'spelling-case',
      'The signature is right but its letters were changed to lower case.',
      digest => base64(digest).toLowerCase(),
      'Never change the case of a header: base64 tells cases apart.'
    ),
    other(
      'spelling-percent-encoded',
      'The signature is right but percent-encoded.',
      digest => encodeURIComponent(write(digest)),
      'Encode it only where it stands in a URL or a form, and once.'
    ),
    other(
      'spelling-plus',
      'The signature is right but its plus signs became blanks.',
      digest => write(digest).replaceAll('+', ' '),
      'Percent-encode it where it stands in a URL or a form.'
    ),
    other(
      'spelling-base64-of-hex',
      'The signature is the base64 of the hex text of the right one.',
      digest => base64(Buffer.from(hex(digest))),
      'Encode the bytes of the digest, not its hex text.'
    ),
    other(
      'spelling-zeros',
      'The signature is right but the zeros at its beginning were dropped.',
      digest => hex(digest).replace(/^0+/, ''),
      'Pad the hex: a big number prints without them.'
    ),
    other(
      'spelling-byte-zeros',
      'The signature is right but each of its bytes lacks its leading zero.',
      digest => Array.from(digest, byte => byte.toString(16)).join(''),
      'Write two hex digits for every byte.'
    ),
    other(
      'spelling-line-end',
      'The signature is right but a line end follows it.',
      digest => write(digest) + '\n',
      'Strip it: some encoders end their output with one.'
    )
  ]
}

function name (spelling: Wanted): string {
  return {
    base64: 'standard base64 with its padding',
    base64url: 'url-safe base64 without padding',
    hex: 'lower-case hex'
  }[spelling]
}
