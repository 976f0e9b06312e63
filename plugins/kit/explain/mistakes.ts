import { isUtf8 } from 'node:buffer'
import type { Reason, Spelling } from './diagnosis.ts'
import type { Hints } from './explain.ts'
import type { Key } from '../keys/key-ring.ts'
import { isInt64 } from '../wire/text.ts'
import { isWithin } from '../wire/time.ts'

/** A key as a client may have used it. */
export interface KeyMistake {
  readonly keyId: string
  /** As text, for messages that hold the secret. */
  readonly secret: string
  /** As the MAC's key. */
  readonly key: string | Uint8Array
  readonly reasons: Reason[]
}

/** Every key as it is, then as clients mistreat it. */
export function* keyMistakes (
  keys: readonly Key[],
  otherKeys: readonly Key[]
): Generator<KeyMistake> {
  for (const { id, secret } of keys) yield { keyId: id, secret, key: secret, reasons: [] }
  for (const { id, secret } of otherKeys) {
    yield {
      keyId: id,
      secret,
      key: secret,
      reasons: [{
        code: 'key-other',
        text: `It is signed with the key "${id}", which does not count here.`,
        fix: 'Give the client the current key, or add that key while it rotates.'
      }]
    }
  }
  for (const { id, secret } of keys) {
    for (
      const text of [
        secret + '\n',
        secret + '\r\n',
        ' ' + secret,
        secret + ' ',
        `"${secret}"`,
        `'${secret}'`
      ]
    ) yield { keyId: id, secret: text, key: text, reasons: [strayed] }
    const trimmed = secret.trim()
    if (trimmed !== secret && trimmed !== '') {
      yield { keyId: id, secret: trimmed, key: trimmed, reasons: [keyTrimmed] }
    }
    for (const { bytes, reason } of decodings(secret)) {
      yield { keyId: id, secret, key: bytes, reasons: [reason] }
      if (isUtf8(bytes)) {
        yield { keyId: id, secret: bytes.toString(), key: bytes, reasons: [reason] }
      }
    }
  }
}

const strayed: Reason = {
  code: 'key-blanks',
  text:
    "The client's copy of the key has a line end or a blank at one of its ends, or stands in quotes.",
  fix:
    'Strip the copy: it often comes from a file that ends with a line end, or from quotes in an environment file.'
}

const keyTrimmed: Reason = {
  code: 'key-trimmed',
  text: 'The key begins or ends with a blank, and the client trims it.',
  fix: 'Use the key as it was issued on both sides.'
}

/** The key as bytes, for clients that take its text for hex or base64. */
export function decodings (secret: string): Array<{ bytes: Buffer, reason: Reason }> {
  const found: Array<{ bytes: Buffer, reason: Reason }> = []
  if (/^(?:[0-9a-f]{2})+$/i.test(secret)) {
    found.push({ bytes: Buffer.from(secret, 'hex'), reason: decoded('hex') })
  }
  if (/^[A-Za-z0-9+/_-]{2,}={0,2}$/.test(secret)) {
    found.push({ bytes: Buffer.from(secret, 'base64'), reason: decoded('base64') })
  }
  return found
}

function decoded (spelling: 'hex' | 'base64'): Reason {
  return {
    code: `key-${spelling}-decoded`,
    text: `The client decodes the key from ${spelling} before it signs.`,
    fix: 'Use the key as the text that was issued, in UTF-8.'
  }
}

const base64 = (digest: Uint8Array): string => Buffer.from(digest).toString('base64')
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

/** The spelling that is asked for, then those that clients send instead. */
export function spellings (wanted: 'base64' | 'hex'): Array<Spelling | Spelling & Reason> {
  const write = wanted === 'base64' ? base64 : hex
  const other = (
    code: string,
    text: string,
    write: Spelling['write'],
    fix = `Send ${name(wanted)}.`
  ): Spelling & Reason => ({ code, text, fix, write })
  return [
    { write },
    wanted === 'base64'
      ? other('spelling-hex', 'The signature is right but written in hex.', hex)
      : other('spelling-base64', 'The signature is right but written in base64.', base64),
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
      digest => Buffer.from(digest).toString('base64url')
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

function name (spelling: 'base64' | 'hex'): string {
  return spelling === 'base64' ? 'standard base64 with its padding' : 'lower-case hex'
}

/** What is wrong with a signed time, which a matching signature does not cure. */
export function timeReasons (timestamp: string | undefined, { now, window }: Hints): Reason[] {
  if (
    timestamp === undefined || now === undefined || window === undefined ||
    isWithin(timestamp, now, window)
  ) return []
  if (!isInt64(timestamp)) {
    return [{
      code: 'time-malformed',
      text: 'The time is not a decimal integer.',
      fix: 'Send epoch milliseconds in digits.'
    }]
  }
  if (
    isWithin(timestamp + '000', now, { pastMs: window.pastMs + 1000, futureMs: window.futureMs })
  ) {
    return [{
      code: 'time-seconds',
      text: 'The time is in seconds.',
      fix: 'Send epoch milliseconds.'
    }]
  }
  const age = BigInt(Math.trunc(now)) - BigInt(timestamp)
  const [edge, beyond, where] = age > 0n
    ? [window.pastMs, age, 'past'] as const
    : [window.futureMs, -age, 'future'] as const
  return [{
    code: 'time-outside-window',
    text: `The time lies ${beyond} ms in the ${where}; ${edge} ms are accepted.`,
    fix: 'Set the clocks by NTP, sign just before sending, or widen the tolerance.'
  }]
}
