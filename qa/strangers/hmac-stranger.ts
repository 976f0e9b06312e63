import { invalidUtf8, addMistake, parts } from './parts.ts'
import type { Stranger } from './stranger.ts'

/** A vendor that sends one HMAC over the body, optionally with a time, in a header. */
export interface HmacStranger extends Omit<Stranger, 'request'> {
  readonly header: string
  /** Epoch seconds in a separate header. */
  readonly timeHeader?: string
  sign(signed: string | Buffer, key: string, time: string): string
  /** How the package parses the time, for unusual spellings that it accepts. */
  readonly readTime?: (time: string) => string
  /**
   * Senders' mistakes in this vendor's signature: kinds, each with a function that makes the
   * mistake.
   */
  readonly mistakes: Readonly<
    Record<string, (signature: string, signed: string | Buffer) => string>
  >
  /** Other spellings of one signature, chosen at random. */
  readonly respell?: (random: () => number, signature: string) => string
}

/** Such a vendor's requests: genuine ones, and ones with every kind of mistake. */
export function hmacStranger (
  { header, timeHeader, sign, readTime, mistakes, respell, ...stranger }: HmacStranger
): Stranger {
  return {
    ...stranger,
    request (random, now) {
      const { kind: first, body, time, key, signed } = parts(random, now, timeHeader !== undefined)
      const isBroken = first === 'genuine' && random() < 0.05
      const bytes = isBroken ? invalidUtf8 : signed
      const signedTime = readTime !== undefined && first.startsWith('time ') && random() < 0.5
        ? readTime(time)
        : time
      return addMistake(
        random,
        {
          kind: isBroken ? 'not UTF-8' : first,
          body: isBroken ? invalidUtf8 : body,
          headers: {
            [header]: sign(bytes, key, signedTime),
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
          ...respell && { 'base64 respelled': text => respell(random, text) }
        }
      )
    }
  }
}

/** Senders' mistakes with hex after a prefix. */
export const hexMistakes = {
  'upper-case hex': (text: string) => text.replace(/[0-9a-f]{64}/, hex => hex.toUpperCase()),
  'prefix missing': (text: string) => text.replace(/^[^=]*=/, ''),
  'prefix of another': (text: string) => text.replace(/^[^=]*=/, 'sha1='),
  'prefix twice': (text: string) => text.replace(/^[^=]*=/, '$&$&'),
  'blank before': (text: string) => ` ${text}`
}
