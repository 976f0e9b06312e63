/** A seeded random number generator, from 0 to below 1. */
export type Random = () => number

/** Mulberry32: small, and random enough to choose cases. */
export function randomOf (seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ state >>> 15, state | 1)
    t ^= t + Math.imul(t ^ t >>> 7, t | 61)
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32
  }
}

export function pick<T> (random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T
}

export function randomInteger (random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1))
}

const words = [
  'a',
  'Åse',
  '홍길동',
  '😀',
  '"',
  '\\',
  '/',
  '$&',
  '+47',
  '\u2028',
  ' ',
  '1.0',
  'x'.repeat(40)
]

/** An event as JavaScript serializes it: compact, and unchanged by parsing and serializing. */
export function event (random: Random): string {
  const value: Record<string, unknown> = { event: `e${randomInteger(random, 1, 99)}` }
  for (let i = randomInteger(random, 0, 4); i > 0; i--) {
    value[`k${i}`] = pick(random, [
      pick(random, words) + pick(random, words),
      randomInteger(random, -1000, 1000),
      null,
      true,
      [pick(random, words), { n: random() }]
    ])
  }
  return JSON.stringify(value)
}

/** Changes one character and keeps the text valid JSON. */
export function tamperBody (random: Random, body: string): string {
  return body.replace(/e[0-9]+/, `e${randomInteger(random, 100, 999)}`)
}

/** The same value in other JSON text. */
export function rewriteBody (random: Random, body: string): string {
  return pick(random, [
    (text: string) => JSON.stringify(JSON.parse(text), null, 2),
    (text: string) => text.replace('{', '{ '),
    (text: string) => `${text}\n`,
    (text: string) => text.replace('"event"', '"\\u0065vent"')
  ])(body)
}

/** Other base64 spellings that lenient decoders treat as equal. */
export function respellBase64 (random: Random, base64: string): string {
  return pick(random, [
    base64.replace(/=+$/, ''),
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    `${base64}=`,
    `${base64.slice(0, 10)} ${base64.slice(10)}`,
    ` ${base64}`,
    spareBits(base64)
  ])
}

/** The last digit before the padding has bits that decoders ignore. */
function spareBits (base64: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return base64.replace(/[A-Za-z0-9+/](?==*$)/, digit => digits.charAt(digits.indexOf(digit) ^ 1))
}
