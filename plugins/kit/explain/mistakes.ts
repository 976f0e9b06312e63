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

/** Every key unchanged, then with the known mistakes of clients. */
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
        text: `The client signs with the key "${id}", which is not in use here.`,
        fix: 'Give the client the current key, or add the old key during the rotation.'
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
    ) yield { keyId: id, secret: text, key: text, reasons: [keyHasBlanks] }
    const printed = `b'${secret}'`
    yield { keyId: id, secret: printed, key: printed, reasons: [keyIsPrinted] }
    const trimmed = secret.trim()
    if (trimmed !== secret && trimmed !== '') {
      yield { keyId: id, secret: trimmed, key: trimmed, reasons: [keyIsTrimmed] }
    }
    for (const { bytes, reason } of decodings(secret)) {
      yield { keyId: id, secret, key: bytes, reasons: [reason] }
      if (isUtf8(bytes)) {
        yield { keyId: id, secret: bytes.toString(), key: bytes, reasons: [reason] }
      }
    }
  }
}

const keyHasBlanks: Reason = {
  code: 'key-blanks',
  text: "The client's copy of the key starts or ends with white space, or has quotes around it.",
  fix: 'Trim the key: files often end with a line break, and environment files may keep quotes.'
}

const keyIsPrinted: Reason = {
  code: 'key-printed',
  text: "The client signs with the text b'…': Python's str() of the key's bytes.",
  fix: 'Sign with the bytes themselves: key.encode(), without str().'
}

const keyIsTrimmed: Reason = {
  code: 'key-trimmed',
  text: 'The key starts or ends with white space, and the client trims it.',
  fix: 'Use the key exactly as issued, on both sides.'
}

/** The key's bytes, if a client decodes its text from hex or base64. */
export function decodings (secret: string): Array<{ bytes: Buffer, reason: Reason }> {
  const results: Array<{ bytes: Buffer, reason: Reason }> = []
  if (/^(?:[0-9a-f]{2})+$/i.test(secret)) {
    results.push({ bytes: Buffer.from(secret, 'hex'), reason: decodedKeyReason('hex') })
  }
  if (/^[A-Za-z0-9+/_-]{2,}={0,2}$/.test(secret)) {
    results.push({ bytes: Buffer.from(secret, 'base64'), reason: decodedKeyReason('base64') })
  }
  return results
}

function decodedKeyReason (spelling: 'hex' | 'base64'): Reason {
  return {
    code: `key-${spelling}-decoded`,
    text: `The client decodes the key from ${spelling} before it signs.`,
    fix: 'Use the issued text as the key, in UTF-8.'
  }
}

type Digests = Required<Pick<Diagnosis<never>, 'spelling' | 'digest' | 'otherDigests'>>

/** The digests of vendors that sign with an HMAC of this algorithm, by default in base64. */
export function hmacDigests (algorithm: 'sha1' | 'sha256'): Digests {
  const expected = nameOf(algorithm)
  const plainHashReason = {
    code: 'hash-not-hmac',
    text: `The signature is a plain ${expected}, not an HMAC.`,
    fix: `Use HMAC-${expected} with the key.`
  }
  const hmacWith = (name: string): Digest => (message, key) =>
    createHmac(name, key).update(message).digest()
  return {
    spelling: 'base64',
    digest: hmacWith(algorithm),
    otherDigests: [
      { ...plainHashReason, digest: message => digestSha(algorithm, message) },
      { ...plainHashReason, digest: (message, key) => digestSha(algorithm, key, message) },
      { ...plainHashReason, digest: (message, key) => digestSha(algorithm, message, key) },
      ...['sha1', 'sha256', 'sha512', 'md5'].filter(name => name !== algorithm)
        .map(name => ({
          code: 'hash-algorithm',
          text: `The signature is an HMAC with ${nameOf(name)}.`,
          fix: `Use HMAC-${expected}.`,
          digest: hmacWith(name)
        })),
      {
        code: 'hmac-swapped',
        text: 'The HMAC has the key and the text swapped.',
        fix: 'Swap the two arguments: libraries differ in which one comes first.',
        digest: (message, key) => createHmac(algorithm, message).update(key).digest()
      }
    ]
  }
}

/** {@link hmacDigests} of the algorithm that most vendors use. */
export const hmacSha256Digests: Digests = hmacDigests('sha256')

/** The digests of vendors that sign with a plain hash in hex. */
export function hashDigests (algorithm: 'sha1' | 'sha256'): Digests {
  const [expected, otherName] = algorithm === 'sha1'
    ? ['SHA-1', 'SHA-256']
    : ['SHA-256', 'SHA-1']
  return {
    spelling: 'hex',
    digest: message => digestSha(algorithm, message),
    otherDigests: [
      {
        code: 'hash-algorithm',
        text: `The hash is ${otherName}.`,
        fix: `Use ${expected}.`,
        digest: message => digestSha(algorithm === 'sha1' ? 'sha256' : 'sha1', message)
      },
      ...(['sha1', 'sha256', 'sha512', 'md5'] as const).map(hmacName => ({
        code: 'hmac-not-hash',
        text: `The hash is an HMAC with ${nameOf(hmacName)}.`,
        fix: `Use plain ${expected}: the key is part of the text.`,
        implies: ['secret-missing'],
        digest: ((message, key) => createHmac(hmacName, key).update(message).digest()) as Digest
      })),
      {
        code: 'hash-algorithm',
        text: 'The hash is MD5.',
        fix: `Use ${expected}.`,
        digest: message => digestSha('md5', message)
      }
    ]
  }
}

function nameOf (algorithm: string): string {
  return algorithm.toUpperCase().replace('SHA', 'SHA-')
}

function digestSha (algorithm: string, ...parts: Array<Parameters<Digest>[0]>): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** How far apart two readings of the clock for one request may be. */
const longestDistanceMs = 1000

/**
 * Other times than the one that was sent: in another unit, rounded, or read again.
 * @param unit the vendor's
 */
export function* otherTimes (
  time: string,
  message: (time: string) => string,
  unit: 'milliseconds' | 'seconds' = 'milliseconds'
): Generator<Variant> {
  if (!/^[0-9]{1,19}$/.test(time)) return
  const signAsSent = 'Sign the time exactly as you send it.'
  const [seconds, milliseconds] = [time.slice(0, -3), time + '000']
  yield {
    code: 'time-seconds',
    text: 'The client signed the time in seconds but sent it in milliseconds.',
    fix: unit === 'seconds' ? 'Send the time in seconds, as you sign it.' : signAsSent,
    message: message(seconds)
  }
  yield {
    code: unit === 'seconds' ? 'time-milliseconds' : 'time-seconds',
    text: 'The client signed the time in milliseconds but sent it in seconds.',
    fix: unit === 'seconds' ? signAsSent : 'Send the time in milliseconds, as you sign it.',
    message: message(milliseconds)
  }
  yield {
    code: 'time-rounded',
    text: 'The client signed the time in whole seconds but sent it with milliseconds.',
    fix: signAsSent,
    message: message(seconds + '000')
  }
  const [step, label] = unit === 'seconds' ? [1000n, 's'] as const : [1n, 'ms'] as const
  for (let distance = 1n; distance * step <= longestDistanceMs; distance++) {
    for (const otherTime of [BigInt(time) - distance, BigInt(time) + distance]) {
      yield {
        code: 'time-read-twice',
        text: `The client read the clock twice: the signed time is ${distance} ${label} ${
          otherTime < BigInt(time) ? 'before' : 'after'
        } the sent time.`,
        fix: 'Read the clock once, then sign and send the same text.',
        alone: true,
        message: message(String(otherTime))
      }
    }
  }
}

/** How a `+` that was not escaped in a form or query is read: as a space. */
export const plusMistakes: ReadonlyArray<Reason & { apply(value: string): string }> = [
  (value: string) => value.replace(/^ /, '+'),
  (value: string) => value.replaceAll(' ', '+')
].map(apply => ({
  code: 'plus-decoded',
  text: 'A plus sign became a space, because it was sent without an escape.',
  fix: 'Sign the plus sign, and send it as %2B: curl does so with --data-urlencode.',
  apply
}))

/** Mistakes that change each value; `apply` returns the value as such a client signs it. */
export const valueMistakes: ReadonlyArray<Reason & { apply(value: string): string }> = [
  ...[encodeURIComponent, (value: string) => new URLSearchParams([['', value]]).toString().slice(1)]
    .map(apply => ({
      code: 'values-url-encoded',
      text: 'The client URL-encoded the values before signing them.',
      fix: 'Sign the raw values, and encode them only for sending.',
      apply
    })),
  {
    code: 'value-trimmed',
    text: 'The client signed trimmed values but sent untrimmed ones.',
    fix: 'Sign the values exactly as you send them, including spaces.',
    apply: value => value.trim()
  },
  ...[(value: string) => value.toLowerCase(), (value: string) => value.toUpperCase()].map(
    apply => ({
      code: 'value-case',
      text: 'The signed and the sent value differ in letter case.',
      fix: 'Sign the values exactly as you send them.',
      apply
    })
  ),
  ...(['NFC', 'NFD'] as const).map(form => ({
    code: 'value-normalised',
    text: 'The signed and the sent value differ in Unicode form.',
    fix: 'Normalise each value once, before you sign and send it.',
    apply: (value: string) => value.normalize(form)
  }))
]

const codeUnitFix = 'Sort by UTF-16 code unit, upper case before lower case, without a locale.'
const orders: ReadonlyArray<Reason & { compare(a: string, b: string): number }> = [
  {
    code: 'order-locale',
    text: 'The client sorts by the rules of a language.',
    fix: codeUnitFix,
    compare: new Intl.Collator('en').compare
  },
  {
    code: 'order-locale',
    text: 'The client ignores case when it sorts.',
    fix: codeUnitFix,
    compare: (a, b) => compare(a.toLowerCase(), b.toLowerCase())
  },
  { code: 'order-unsorted', text: 'The client does not sort.', fix: codeUnitFix, compare: () => 0 }
]

/**
 * The items in the orders of clients that do not sort by code unit. `items` must be in the order in
 * which they were sent.
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
