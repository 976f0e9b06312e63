import { isUtf8 } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import type { Diagnosis, Digest, Reason, Variant } from './diagnosis.ts'
import type { Key } from '../keys/key-ring.ts'

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
    found.push({ bytes: Buffer.from(secret, 'hex'), reason: decodedKeyReason('hex') })
  }
  if (/^[A-Za-z0-9+/_-]{2,}={0,2}$/.test(secret)) {
    found.push({ bytes: Buffer.from(secret, 'base64'), reason: decodedKeyReason('base64') })
  }
  return found
}

function decodedKeyReason (spelling: 'hex' | 'base64'): Reason {
  return {
    code: `key-${spelling}-decoded`,
    text: `The client decodes the key from ${spelling} before it signs.`,
    fix: 'Use the key as the text that was issued, in UTF-8.'
  }
}

type Digests = Required<Pick<Diagnosis<never>, 'spelling' | 'digest' | 'otherDigests'>>

/** For vendors that write an HMAC of this algorithm; in base64, unless they say otherwise. */
export function hmacDigests (algorithm: 'sha1' | 'sha256'): Digests {
  const wanted = nameOf(algorithm)
  const notHmac = {
    code: 'hash-not-hmac',
    text: `It is a plain ${wanted} and no HMAC.`,
    fix: `Use HMAC-${wanted} with the key as its key.`
  }
  const hmac = (name: string): Digest => (message, key) =>
    createHmac(name, key).update(message).digest()
  return {
    spelling: 'base64',
    digest: hmac(algorithm),
    otherDigests: [
      { ...notHmac, digest: message => sha(algorithm, message) },
      { ...notHmac, digest: (message, key) => sha(algorithm, key, message) },
      { ...notHmac, digest: (message, key) => sha(algorithm, message, key) },
      ...['sha1', 'sha256', 'sha512', 'md5'].filter(other => other !== algorithm).map(other => ({
        code: 'hash-algorithm',
        text: `It is an HMAC with ${nameOf(other)}.`,
        fix: `Use HMAC-${wanted}.`,
        digest: hmac(other)
      })),
      {
        code: 'hmac-swapped',
        text: 'Key and text changed places in the HMAC.',
        fix: 'Give the HMAC the key as its key; libraries differ in which comes first.',
        digest: (message, key) => createHmac(algorithm, message).update(key).digest()
      }
    ]
  }
}

export const hmacSha256Digests: Digests = hmacDigests('sha256')

/** For vendors that write a plain hash in hex. */
export function hashDigests (algorithm: 'sha1' | 'sha256'): Digests {
  const [wanted, other] = algorithm === 'sha1' ? ['SHA-1', 'SHA-256'] : ['SHA-256', 'SHA-1']
  return {
    spelling: 'hex',
    digest: message => sha(algorithm, message),
    otherDigests: [
      {
        code: 'hash-algorithm',
        text: `It is a ${other}.`,
        fix: `Use ${wanted}.`,
        digest: message => sha(algorithm === 'sha1' ? 'sha256' : 'sha1', message)
      },
      ...(['sha1', 'sha256', 'sha512', 'md5'] as const).map(hmac => ({
        code: 'hmac-not-hash',
        text: `It is an HMAC with ${nameOf(hmac)}.`,
        fix: `Use plain ${wanted}: the key is part of the text.`,
        implies: ['secret-missing'],
        digest: ((message, key) => createHmac(hmac, key).update(message).digest()) as Digest
      })),
      {
        code: 'hash-algorithm',
        text: 'It is an MD5.',
        fix: `Use ${wanted}.`,
        digest: message => sha('md5', message)
      }
    ]
  }
}

function nameOf (algorithm: string): string {
  return algorithm.toUpperCase().replace('SHA', 'SHA-')
}

function sha (algorithm: string, ...parts: Array<Parameters<Digest>[0]>): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Further apart than this, in milliseconds, nobody reads the clock twice for one request. */
const furthestApart = 1000

/** Another time than the one that is sent: another unit, rounded, or read once more. */
export function* otherTimes (time: string, message: (time: string) => string): Generator<Variant> {
  if (!/^[0-9]{1,19}$/.test(time)) return
  yield {
    code: 'time-seconds',
    text: 'The time was signed in seconds but sent in milliseconds.',
    fix: 'Sign the text of the time that is sent.',
    message: message(time.slice(0, -3))
  }
  yield {
    code: 'time-seconds',
    text: 'The time was signed in milliseconds but sent in seconds.',
    fix: 'Send the milliseconds that were signed.',
    message: message(time + '000')
  }
  yield {
    code: 'time-rounded',
    text: 'The time was signed as whole seconds, and sent with its milliseconds.',
    fix: 'Sign the text of the time that is sent.',
    message: message(time.slice(0, -3) + '000')
  }
  for (let apart = 1n; apart <= furthestApart; apart++) {
    for (const other of [BigInt(time) - apart, BigInt(time) + apart]) {
      yield {
        code: 'time-read-twice',
        text: `The clock was read twice: the time that is signed lies ${apart} ms ${
          other < BigInt(time) ? 'before' : 'after'
        } the one that is sent.`,
        fix: 'Read the clock once, and sign and send the same text.',
        alone: true,
        message: message(String(other))
      }
    }
  }
}

/** The mistakes that are made in one value after the other. */
export const valueMistakes: ReadonlyArray<Reason & { of(value: string): string }> = [
  ...[encodeURIComponent, (value: string) => new URLSearchParams([['', value]]).toString().slice(1)]
    .map(of => ({
      code: 'values-url-encoded',
      text: 'The values were URL-encoded before they were signed.',
      fix: 'Sign the raw values, and encode them only where they are sent.',
      of
    })),
  {
    code: 'value-trimmed',
    text: 'Values were trimmed before they were signed, and sent untrimmed.',
    fix: 'Sign the values that are sent, blanks included.',
    of: value => value.trim()
  },
  ...[(value: string) => value.toLowerCase(), (value: string) => value.toUpperCase()].map(of => ({
    code: 'value-case',
    text: 'Values were signed in other letters, small or capital, than they were sent in.',
    fix: 'Sign the values that are sent, letter by letter.',
    of
  })),
  ...(['NFC', 'NFD'] as const).map(form => ({
    code: 'value-normalised',
    text: 'Values were signed in another Unicode form than they were sent in.',
    fix: 'Normalise a value once, before it is signed and sent.',
    of: (value: string) => value.normalize(form)
  }))
]

const byCode = 'Sort by UTF-16 code unit: capitals before small letters, and no locale.'
const orders: ReadonlyArray<Reason & { compare(a: string, b: string): number }> = [
  {
    code: 'order-locale',
    text: 'The order is that of a language.',
    fix: byCode,
    compare: new Intl.Collator('en').compare
  },
  {
    code: 'order-locale',
    text: 'The order takes no account of capital letters.',
    fix: byCode,
    compare: (a, b) => compare(a.toLowerCase(), b.toLowerCase())
  },
  { code: 'order-unsorted', text: 'Nothing was sorted.', fix: byCode, compare: () => 0 }
]

/**
 * The items, given in the order in which they were sent, as clients order them who do not go by
 * code unit.
 */
export function otherOrders<T> (
  items: readonly T[],
  text: (item: T) => string
): Array<{ reason: Reason, items: T[] }> {
  return orders.map(({ compare, ...reason }) => ({
    reason,
    items: items.toSorted((a, b) => compare(text(a), text(b)))
  }))
}

function compare (a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
