// Collects secret values as the process creates them: all signing code calls node:crypto.
import crypto from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Shorter secrets and texts occur in too many harmless lines. */
export const shortest = 12
/** The compared length of a long signed text. */
const longest = 200
/** The number of recent values kept; sinks are scanned at the end of the same turn. */
const rememberedCount = 20_000

/**
 * Indexes texts by their first characters, to find them in one pass. `heads` quickly rules out most
 * positions.
 */
class Index {
  heads = new Uint8Array(65536)
  byStart = new Map()

  add (text) {
    const prefix = text.slice(0, shortest)
    const all = this.byStart.get(prefix)
    if (all !== undefined) all.add(text)
    else this.byStart.set(prefix, new Set([text]))
    this.heads[headOf(text, 0)] = 1
  }

  delete (text) {
    this.byStart.delete(text.slice(0, shortest))
  }

  /** The position of an indexed text, or -1. */
  find (text) {
    for (let position = 0; position + shortest <= text.length; position++) {
      if (this.heads[headOf(text, position)] === 0) continue
      const all = this.byStart.get(text.slice(position, position + shortest))
      if (all !== undefined) {
        for (const candidate of all) if (text.startsWith(candidate, position)) return position
      }
    }
    return -1
  }
}

function headOf (text, position) {
  return (text.charCodeAt(position) * 31 ^ text.charCodeAt(position + 1) * 1031 ^
    text.charCodeAt(position + 5) * 7) &
    65535
}

const secrets = new Index()
/** The values learnt so far, in one spelling. */
const learntTexts = new Set()
const texts = new Index()
const macs = new Set()
/** MACs that were compared with a caller's and differed: a forger would want to read them. */
const withheld = new Map()
let latest = ''
let moment = 0
const order = []

export const known = { secrets, texts, macs, withheld }

/** The current moment, to check later whether a MAC was already withheld. */
export function now () {
  return moment
}

/** Some wrong clients that `explain` imitates use the body as the key. */
const likeABody = /^[{[]|[^=]=[^=]/

/** Records a secret in all spellings in which it could leak. */
export function learnSecret (secret) {
  const text = typeof secret === 'string'
    ? secret
    : secret instanceof Uint8Array
    ? Buffer.from(secret).toString()
    : ''
  // Signs the examples in OpenAPI documents; its name marks it as public.
  if (text === 'public-key-of-the-examples') return
  // Most secrets are used repeatedly.
  if (learntTexts.has(text)) return
  learntTexts.add(text)
  if (text.length < shortest || new Set(text).size < 6 || likeABody.test(text)) return
  for (
    const spelling of [
      text,
      Buffer.from(text).toString('base64'),
      Buffer.from(text).toString('hex')
    ]
  ) secrets.add(spelling)
}

/** Records secrets in options of plugins and settings at any depth, by their names. */
export function learnOptions (options, depth = 0) {
  if (typeof options !== 'object' || options === null || depth > 3) return
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'object') learnOptions(value, depth + 1)
    else if (/^(?:keys?|secret|accessToken|appKey|gate|password)$/i.test(name)) learnSecret(value)
  }
}

export function watchCrypto () {
  const { createHmac, createSecretKey, timingSafeEqual, Hash, Hmac } = crypto
  const signed = new WeakMap()
  let message = ''

  crypto.createHmac = function (algorithm, key, ...rest) {
    learnSecret(key instanceof crypto.KeyObject ? key.export() : key)
    return createHmac.call(this, algorithm, key, ...rest)
  }
  crypto.createSecretKey = function (key, encoding) {
    learnSecret(
      typeof key === 'string' && encoding !== undefined && encoding !== 'utf8'
        ? Buffer.from(key, encoding)
        : key
    )
    return createSecretKey.call(this, key, encoding)
  }
  crypto.timingSafeEqual = function (a, b) {
    const equal = timingSafeEqual.call(this, a, b)
    if (!equal && [a, b].some(isLatest)) withheld.set(latest, ++moment)
    return equal
  }
  if (crypto.hash !== undefined) {
    const { hash } = crypto
    crypto.hash = function (algorithm, data, encoding) {
      const mac = hash.call(this, algorithm, data, 'buffer')
      const innerHash = withoutPad(data, 0x36)
      if (innerHash !== null) {
        learnSecret(innerHash.key)
        message = innerHash.rest
      } else {
        learnSigned([withoutPad(data, 0x5c) === null ? data : message], mac)
      }
      return hash.call(this, algorithm, data, encoding)
    }
  }
  for (const { prototype } of [Hash, Hmac]) {
    const { update, digest } = prototype
    prototype.update = function (data, encoding) {
      const parts = signed.get(this) ?? []
      if (parts.length < 8) signed.set(this, [...parts, data])
      return update.call(this, data, encoding)
    }
    prototype.digest = function (encoding) {
      const bytes = digest.call(this)
      learnSigned(signed.get(this) ?? [], bytes)
      return encoding === undefined || encoding === 'buffer' ? bytes : bytes.toString(encoding)
    }
  }
  syncBuiltinESMExports()
}

/**
 * The key of an HMAC made from padded hashes (RFC 2104), and the text after the pad; null for other
 * bytes. Keys as long as a block cannot be recognized.
 */
function withoutPad (data, pad) {
  if (!(data instanceof Uint8Array)) return null
  for (const block of [64, 128]) {
    if (data.length < block || data[block - 1] !== pad || data[0] === pad) continue
    const bytes = Buffer.from(data.subarray(0, block).map(byte => byte ^ pad))
    const end = bytes.indexOf(0)
    if (bytes.subarray(end).some(byte => byte !== 0)) continue
    return { key: bytes.subarray(0, end), rest: Buffer.from(data.subarray(block)) }
  }
  return null
}

/** Records the secrets of the known answers: some schemes hash them, so no key is visible. */
export function learnVectors () {
  const folder = new URL('../../test/vectors/', import.meta.url)
  for (const file of readdirSync(folder)) {
    const { vectors } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    for (const { secret } of vectors) learnSecret(secret)
  }
}

function learnSigned (parts, mac) {
  if (mac.length !== 20 && mac.length !== 32) return
  const text = parts.map(start).join('').slice(0, longest)
  const hex = latest = mac.toString('hex')
  macs.add(hex)
  // Computed again, for an authorized caller or a new comparison.
  withheld.delete(hex)
  // A time signed with an empty body occurs in many places.
  if (text.length >= shortest && !/^[0-9]+$/.test(text)) texts.add(text)
  order.push([hex, text])
  if (order.length > 2 * rememberedCount) forget(order.splice(0, rememberedCount))
}

/** Whether one side of a comparison is the latest MAC, as bytes or in a spelling. */
function isLatest (side) {
  const bytes = Buffer.from(side.buffer, side.byteOffset, side.byteLength)
  // Text may be in a longer buffer padded with zeros.
  const text = bytes.toString('latin1').replace(/\0+$/, '')
  return bytes.toString('hex') === latest || text === latest ||
    text === Buffer.from(latest, 'hex').toString('base64')
}

function forget (entries) {
  for (const [hex, text] of entries) {
    macs.delete(hex)
    withheld.delete(hex)
    texts.delete(text)
  }
}

function start (part) {
  return typeof part === 'string'
    ? part.slice(0, longest)
    : Buffer.from(part.buffer, part.byteOffset, Math.min(part.byteLength, longest)).toString()
}
