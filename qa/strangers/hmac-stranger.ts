import { invalidUtf8, mistreated, parts } from './parts.ts'
import type { Stranger } from './stranger.ts'

/** A vendor that puts one HMAC over the body, and perhaps a time, into a header. */
export interface HmacStranger extends Omit<Stranger, 'request'> {
  readonly header: string
  /** Epoch seconds in a header of their own. */
  readonly timeHeader?: string
  sign(signed: string | Buffer, key: string, time: string): string
  /** The time as the package reads it, for the odd spellings that it would take. */
  readonly readTime?: (time: string) => string
  /** What senders get wrong with this vendor's signature: kinds, each with what they write. */
  readonly mistakes: Readonly<
    Record<string, (signature: string, signed: string | Buffer) => string>
  >
  /** Random spellings of one signature. */
  readonly respelled?: (random: () => number, signature: string) => string
}

/** Requests of such a vendor: genuine ones, and all that can be wrong with them. */
export function hmacStranger (
  { header, timeHeader, sign, readTime, mistakes, respelled, ...stranger }: HmacStranger
): Stranger {
  return {
    ...stranger,
    request (random, now) {
      const { kind: first, body, time, key, signed } = parts(random, now, timeHeader !== undefined)
      const isBroken = first === 'genuine' && random() < 0.05
      const bytes = isBroken ? invalidUtf8 : signed
      const at = readTime !== undefined && first.startsWith('time ') && random() < 0.5
        ? readTime(time)
        : time
      return mistreated(
        random,
        {
          kind: isBroken ? 'not UTF-8' : first,
          body: isBroken ? invalidUtf8 : body,
          headers: {
            [header]: sign(bytes, key, at),
            ...timeHeader !== undefined && { [timeHeader]: time }
          }
        },
        header,
        {
          ...Object.fromEntries(
            Object.entries(mistakes).map(([kind, make]) =>
              [kind, (signature: string) => make(signature, signed)] as const
            )
          ),
          ...respelled && { 'base64 respelled': text => respelled(random, text) }
        }
      )
    }
  }
}

/** What senders get wrong who write hex behind a prefix. */
export const hexMistakes = {
  'upper-case hex': (text: string) => text.replace(/[0-9a-f]{64}/, hex => hex.toUpperCase()),
  'prefix missing': (text: string) => text.replace(/^[^=]*=/, ''),
  'prefix of another': (text: string) => text.replace(/^[^=]*=/, 'sha1='),
  'prefix twice': (text: string) => text.replace(/^[^=]*=/, '$&$&'),
  'blank before': (text: string) => ` ${text}`
}
