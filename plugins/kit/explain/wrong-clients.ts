import { createHash, createHmac } from 'node:crypto'
import type { Diagnosis, Digest, Reason, Variant } from './diagnosis.ts'
import { hmacSha256 } from '../wire/mac.ts'
import { type WireObject, type WireValue, WireNumber } from '../wire/json.ts'

/** What the mistakes of several vendors' clients have in common. */

type Digests = Pick<Diagnosis<never>, 'spelling' | 'digest' | 'otherDigests'>

const notHmac = {
  code: 'hash-not-hmac',
  text: 'It is a plain SHA-256 and no HMAC.',
  fix: 'Use HMAC-SHA-256 with the key as its key.'
}

/** For vendors that write an HMAC-SHA-256 in base64. */
export const hmacSha256Digests: Digests = {
  spelling: 'base64',
  digest: (message, key) => hmacSha256(key, message),
  otherDigests: [
    { ...notHmac, digest: message => sha('sha256', message) },
    { ...notHmac, digest: (message, key) => sha('sha256', key, message) },
    { ...notHmac, digest: (message, key) => sha('sha256', message, key) },
    {
      code: 'hmac-swapped',
      text: 'Key and text changed places in the HMAC.',
      fix: 'Give the HMAC the key as its key; libraries differ in which comes first.',
      digest: (message, key) => hmacSha256(message, key)
    }
  ]
}

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
      {
        code: 'hmac-not-hash',
        text: 'It is an HMAC.',
        fix: `Use plain ${wanted}: the key is part of the text.`,
        digest: (message, key) => createHmac(algorithm, key).update(message).digest()
      }
    ]
  }
}

function sha (algorithm: string, ...parts: Array<Parameters<Digest>[0]>): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Seconds for milliseconds, on the one side or the other. */
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
  }
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

/**
 * What is left of a JSON value after `JSON.parse`: numbers are doubles, and names that are integers
 * come first.
 */
export function asParsed (value: WireValue): unknown {
  if (value instanceof WireNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(asParsed)
  return value instanceof Map ? parsedObject(value) : value
}

/** The same for an object. */
export function parsedObject (fields: WireObject): object {
  return Object.fromEntries(Array.from(fields, ([name, value]) => [name, asParsed(value)]))
}

/** The usual ways of writing a JSON value, the most frequent first. */
export const jsonWriters: ReadonlyArray<(value: unknown) => string> = [
  JSON.stringify,
  spaced,
  value => asciiOnly(JSON.stringify(value)),
  value => asciiOnly(spaced(value)),
  value => indented(value, 2),
  value => indented(value, 4),
  value => JSON.stringify(value).replaceAll('/', '\\/')
]

/** On one line, with a blank after each comma and colon. */
function spaced (value: unknown): string {
  return indented(value, 1).replaceAll(/\n */g, ' ').replaceAll(/([[{]) | ([\]}])/g, '$1$2')
}

/**
 * Blanks in front of each line grow with the square of the depth: a small body of brackets alone
 * would become many megabytes.
 */
const deepestIndented = 32

function indented (value: unknown, blanks: number): string {
  return JSON.stringify(value, null, isDeeper(value, deepestIndented) ? 0 : blanks)
}

function isDeeper (value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(inner => isDeeper(inner, levels - 1))
}

function asciiOnly (text: string): string {
  return text.replaceAll(
    /[\u0080-\uffff]/g,
    one => '\\u' + one.charCodeAt(0).toString(16).padStart(4, '0')
  )
}
