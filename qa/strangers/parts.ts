import { createHmac } from 'node:crypto'
import { event, pick, type Random, rewritten, tampered, whole } from './random.ts'
import type { Case, Sent } from './stranger.ts'

/** The key of both sides. */
export const secret = 'the-secret-of-the-comparison'
export const other = 'a-secret-of-somebody-else'
export const hmac = (text: string | Uint8Array, key: string | Uint8Array = secret): Buffer =>
  createHmac('sha256', key).update(text).digest()
export const invalidUtf8 = Buffer.from('{"event":"\xff"}', 'latin1')
export const header = ({ headers }: Sent, name: string): string => headers[name] ?? ''

/** Mistakes in a correctly signed time. */
const times: Record<string, (seconds: number, random: Random) => string> = {
  stale: (at, random) => String(at - whole(random, 302, 100_000)),
  future: (at, random) => String(at + whole(random, 302, 100_000)),
  'past edge': at => String(at - 299),
  'future edge': at => String(at + 299),
  'time with zeros': at => `0${at}`,
  'time with letters': at => `${at}abc`,
  'time with a fraction': at => `${at}.5`,
  'time with a sign': at => `+${at}`,
  'time with a blank': at => ` ${at}`,
  'time in milliseconds': at => `${at}000`,
  'time in exponents': at => `${at / 1e9}e9`,
  'no time': () => ''
}

export interface Parts {
  readonly body: string
  readonly time: string
  readonly key: string
  readonly signed: string
}

/** A kind and its sent and signed parts. Half of the requests are genuine or borderline. */
export function parts (random: Random, now: number, timed: boolean): Parts & { kind: string } {
  const seconds = Math.floor(now / 1000)
  const body = event(random)
  const genuine = { body, signed: body, time: String(seconds), key: secret }
  const kinds = [
    'genuine',
    'genuine',
    'genuine, written otherwise',
    'tampered',
    'written otherwise after signing',
    'other key',
    ...timed ? Object.keys(times) : []
  ]
  const kind = pick(random, kinds)
  const written = rewritten(random, body)
  switch (kind) {
    case 'genuine, written otherwise':
      return { ...genuine, kind, body: written, signed: written }
    case 'tampered':
      return { ...genuine, kind, body: tampered(random, body) }
    case 'written otherwise after signing':
      return { ...genuine, kind, body: written }
    case 'other key':
      return { ...genuine, kind, key: other }
    default:
      return { ...genuine, kind, time: times[kind]?.(seconds, random) ?? genuine.time }
  }
}

/** Mistakes made in a correct header. */
export function mistreated (
  random: Random,
  one: Case,
  name: string,
  more: Readonly<Record<string, (signature: string) => string | readonly string[]>>
): Case {
  if (one.kind !== 'genuine' || random() < 0.5) return one
  const signature = String(one.headers[name])
  const all: typeof more = {
    'signature twice': text => [text, text],
    'signature changed': text =>
      text.slice(0, 12) + (text.charAt(12) === '7' ? '8' : '7') + text.slice(13),
    'signature cut': text => text.slice(0, -1),
    'no signature': () => '',
    ...more
  }
  const kind = pick(random, Object.keys(all))
  return { ...one, kind, headers: { ...one.headers, [name]: all[kind]?.(signature) ?? '' } }
}
