import type { Diagnosis, Digest, Reason } from './diagnosis.ts'
import { keyMistakes, spellings, timeReasons, type KeyMistake } from './mistakes.ts'
import type { Key } from './keys.ts'
import type { Scheme } from './scheme.ts'
import type { TimeWindow } from './time.ts'

export interface Hints {
  /** Keys that count no more, or belong to somebody else: they never verify, but they explain. */
  readonly otherKeys?: readonly Key[]
  /** The clock of the verifier, in epoch milliseconds, and its window: to say by how much a time is off. */
  readonly now?: number
  readonly window?: TimeWindow
}

export interface Explanation {
  /** Whether the signature is right. A right one may still have a reason: its time. */
  readonly matches: boolean
  /** The key with which it matches, as it is or by way of the reasons. */
  readonly keyId?: string
  /** Why the request is refused, the likeliest reason first; empty when nothing is wrong, or nothing that was tried explains it. */
  readonly reasons: readonly Reason[]
  /** What should have been signed, with the secret masked. */
  readonly signedText: string
  /** How many signatures were made in the search. */
  readonly tried: number
}

/** More than two mistakes at once fit almost anything, and help nobody. */
const mostMistakes = 2

/**
 * Says whether a signature is right and, if not, why: by signing as wrong clients do
 * until one of them would have sent this signature. For operators only; never show it
 * to a caller. A scheme without `diagnosis` cannot be explained.
 * @throws {InputError} for an input that cannot be signed at all
 */
export function explain<Input> (scheme: Scheme<Input>, input: Input, signature: string, keys: readonly [Key, ...Key[]], hints: Hints = {}): Explanation {
  const { diagnosis } = scheme
  if (diagnosis === undefined) throw new TypeError(`the scheme ${scheme.name} has no diagnosis`)
  const signedText = masked(scheme.message(input, keys[0].secret), keys[0].secret)
  const late = timeReasons(diagnosis.timestamp?.(input), hints)
  const matching = keys.find(key => scheme.verify(input, signature, key.secret))
  if (matching !== undefined) return { matches: true, keyId: matching.id, reasons: late, signedText, tried: keys.length }

  let tried = 0
  let best: { keyId: string, reasons: Reason[] } | undefined
  for (const mistake of keyMistakes(keys, hints.otherKeys ?? [])) {
    for (const { bytes, reasons } of signedBy(scheme, diagnosis, input, mistake)) {
      tried++
      for (const spelling of [...spellings(diagnosis.spelling), ...diagnosis.otherSpellings ?? []]) {
        const all = [...mistake.reasons, ...reasons, ...isReason(spelling) ? [plain(spelling)] : []]
        // What differs in one way explains better than what differs in two.
        if (all.length <= mostMistakes && (best === undefined || all.length < best.reasons.length) && spelling.write(bytes) === signature) best = { keyId: mistake.keyId, reasons: all }
      }
    }
  }
  return { matches: false, ...best !== undefined && { keyId: best.keyId }, reasons: [...best?.reasons ?? [], ...late], signedText, tried }
}

/** The digests of everything that a client with this key could have taken for the message. */
function * signedBy<Input> (scheme: Scheme<Input>, diagnosis: Diagnosis<Input>, input: Input, { secret, key }: KeyMistake): Generator<{ bytes: Uint8Array, reasons: Reason[] }> {
  const messages: Array<{ message: string | Uint8Array, reasons: Reason[] }> = [{ message: scheme.message(input, secret), reasons: [] }]
  for (const variant of diagnosis.variants(input, secret)) messages.push({ message: variant.message, reasons: [plain(variant)] })
  const digests: Array<{ digest: Digest, reasons: Reason[] }> = [{ digest: diagnosis.digest, reasons: [] }]
  for (const other of diagnosis.otherDigests ?? []) digests.push({ digest: other.digest, reasons: [plain(other)] })
  for (const { message, reasons } of messages) {
    for (const one of digests) yield { bytes: one.digest(message, key), reasons: [...reasons, ...one.reasons] }
  }
}

function isReason (one: object): one is Reason {
  return 'code' in one
}

function plain ({ code, text, fix }: Reason): Reason {
  return { code, text, fix }
}

function masked (message: string | Uint8Array, secret: string): string {
  return (typeof message === 'string' ? message : Buffer.from(message).toString()).replaceAll(secret, '‹secret›')
}
