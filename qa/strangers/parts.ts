import { createHmac } from 'node:crypto'
import { event, pick, type Random, rewriteBody, tamperBody, randomInteger } from './random.ts'
import type { Case, Sent } from './stranger.ts'

/** The key of both sides. */
export const secret = 'the-secret-of-the-comparison'
export const otherSecret = 'a-secret-of-somebody-else'
export const hmac = (text: string | Uint8Array, key: string | Uint8Array = secret): Buffer =>
  createHmac('sha256', key).update(text).digest()
export const invalidUtf8 = Buffer.from('{"event":"\xff"}', 'latin1')
export const header = ({ headers }: Sent, name: string): string => headers[name] ?? ''

/** Mistakes in a correctly signed time. */
const times: Record<string, (seconds: number, random: Random) => string> = {
  stale: (seconds, random) => String(seconds - randomInteger(random, 302, 100_000)),
  future: (seconds, random) => String(seconds + randomInteger(random, 302, 100_000)),
  'past edge': seconds => String(seconds - 299),
  'future edge': seconds => String(seconds + 299),
  'time with zeros': seconds => `0${seconds}`,
  'time with letters': seconds => `${seconds}abc`,
  'time with a fraction': seconds => `${seconds}.5`,
  'time with a sign': seconds => `+${seconds}`,
  'time with a blank': seconds => ` ${seconds}`,
  'time in milliseconds': seconds => `${seconds}000`,
  'time in exponents': seconds => `${seconds / 1e9}e9`,
  'no time': () => ''
}

export interface Parts {
  readonly body: string
  readonly time: string
  readonly key: string
  readonly signed: string
}

/** A kind and its sent and signed parts. Half of the requests are genuine or borderline. */
export function parts (random: Random, now: number, hasTime: boolean): Parts & { kind: string } {
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
    ...hasTime ? Object.keys(times) : []
  ]
  const kind = pick(random, kinds)
  const rewrittenBody = rewriteBody(random, body)
  switch (kind) {
    case 'genuine, written otherwise':
      return { ...genuine, kind, body: rewrittenBody, signed: rewrittenBody }
    case 'tampered':
      return { ...genuine, kind, body: tamperBody(random, body) }
    case 'written otherwise after signing':
      return { ...genuine, kind, body: rewrittenBody }
    case 'other key':
      return { ...genuine, kind, key: otherSecret }
    default:
      return { ...genuine, kind, time: times[kind]?.(seconds, random) ?? genuine.time }
  }
}

/** Mistakes made in a correct header. */
export function addMistake (
  random: Random,
  request: Case,
  name: string,
  more: Readonly<Record<string, (signature: string) => string | readonly string[]>>
): Case {
  if (request.kind !== 'genuine' || random() < 0.5) return request
  const signature = String(request.headers[name])
  const all: typeof more = {
    'signature twice': text => [text, text],
    'signature changed': text =>
      text.slice(0, 12) + (text.charAt(12) === '7' ? '8' : '7') + text.slice(13),
    'signature cut': text => text.slice(0, -1),
    'no signature': () => '',
    ...more
  }
  const kind = pick(random, Object.keys(all))
  return { ...request, kind, headers: { ...request.headers, [name]: all[kind]?.(signature) ?? '' } }
}
