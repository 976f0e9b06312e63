import type { Diagnosis, Digest, Reason } from './diagnosis.ts'
import { keyMistakes, type KeyMistake } from './mistakes.ts'
import { spellings } from './spellings.ts'
import { isUnitReason, timeReasons } from './time-reasons.ts'
import type { Key } from '../keys/key-ring.ts'
import { InputError, type Verifier } from '../scheme.ts'
import type { TimeWindow } from '../wire/time.ts'

/** What {@link explain} may take into account, and how long it may search. */
export interface ExplainOptions {
  /** Keys that are not in use: previous ones, or another account's. They explain, never verify. */
  readonly otherKeys?: readonly Key[]
  /**
   * The verifier's clock, in epoch milliseconds, and its window, to report a time outside it.
   */
  readonly now?: number
  readonly window?: TimeWindow
  /**
   * Milliseconds of computing after which the search ends with the best explanation so far. Without
   * it, the search tries everything.
   */
  readonly mostMs?: number
}

/** Whether a signature is right and, if not, why. */
export interface Explanation {
  /** Whether the signature is right. Even then its time may be a reason. */
  readonly matches: boolean
  /** The key with which it matches, directly or after the mistakes in `reasons`. */
  readonly keyId?: string
  /**
   * The number of the matching signature among several in one header, from 1; null if none matches.
   * Absent if there is only one.
   */
  readonly signature?: { readonly number: number | null, readonly of: number }
  /**
   * Why the request is refused, the likeliest reason first. Empty if nothing is wrong, or no known
   * mistake explains it.
   */
  readonly reasons: readonly Reason[]
  /** The text to sign, with the secret masked. */
  readonly signedText: string
  /** The number of signatures that the search computed. */
  readonly tried: number
  /** False if the search ran out of time. */
  readonly complete: boolean
}

const listMalformed: Reason = {
  code: 'signatures-malformed',
  text: 'One of the signatures is right, but the list in the header is malformed.',
  fix: 'Put exactly one separator between two signatures, and nothing before or after them.'
}

/** With more than two mistakes at once, almost any signature could be explained. */
const mostMistakes = 2

/**
 * Tells whether a signature is right and, if not, why: it signs with known mistakes until the
 * result is this signature. For operators only: never show the result to a caller. The scheme need
 * not be able to sign.
 * @throws {InputError} on an input that cannot be signed at all
 */
export function explain<Input> (
  scheme: Verifier<Input>,
  diagnosis: Diagnosis<Input>,
  input: Input,
  signature: string,
  keys: readonly [Key, ...Key[]],
  options: ExplainOptions = {}
): Explanation {
  const signedText = maskSecret(scheme, input, keys[0].secret)
  const clockReasons = timeReasons(diagnosis, input, options)
  const matching = keys.find(key =>
    ignoreInputErrors(() => scheme.verify(input, signature, key.secret))
  )
  const signatures = diagnosis.signatures?.(signature) ?? [signature]
  const describeMatch = (
    isMatch: (candidate: string) => boolean
  ): Pick<Explanation, 'signature'> => ({
    ...signatures.length > 1 &&
      { signature: { number: 1 + signatures.findIndex(isMatch) || null, of: signatures.length } }
  })
  if (matching !== undefined) {
    return {
      matches: true,
      keyId: matching.id,
      ...describeMatch(candidate => scheme.verify(input, candidate, matching.secret)),
      reasons: clockReasons,
      signedText,
      tried: keys.length,
      complete: true
    }
  }

  const { best, tried, complete } = searchMistakes(scheme, diagnosis, input, {
    header: signature,
    signatures,
    mistakes: listKeyMistakes(keys, options.otherKeys ?? []),
    mostMs: options.mostMs ?? Infinity
  })
  const isListed = best?.reasons.length === 0 && diagnosis.signatures !== undefined
  const mainReasons = [
    ...diagnosis.reasons?.(input) ?? [],
    ...isListed ? [listMalformed] : best?.reasons ?? []
  ]
  const newClockReasons = clockReasons.filter(({ code }) =>
    !mainReasons.some(reason => reason.code === code)
  )
  // A wrong unit of time is certain, unlike the other reasons.
  const [first, last] = newClockReasons.some(isUnitReason)
    ? [newClockReasons, mainReasons]
    : [mainReasons, newClockReasons]
  return {
    matches: false,
    ...best !== undefined && { keyId: best.keyId },
    ...describeMatch(candidate => candidate === best?.signature),
    reasons: [...first, ...last],
    signedText,
    tried,
    complete
  }
}

/** A signature that a client makes with these mistakes. */
interface Match {
  readonly keyId: string
  readonly reasons: Reason[]
  readonly signature: string
}

/** Signs with each mistake, and finds the fewest that give one of the received signatures. */
function searchMistakes<Input> (
  scheme: Verifier<Input>,
  diagnosis: Diagnosis<Input>,
  input: Input,
  { header, signatures, mistakes, mostMs }: {
    header: string,
    signatures: readonly string[],
    mistakes: Iterable<{ mistake: KeyMistake, alone: boolean }>,
    mostMs: number
  }
): { best: Match | undefined, tried: number, complete: boolean } {
  const isInTime = startBudget(mostMs)
  let complete = true
  let tried = 0
  let best: Match | undefined
  const allSpellings = [
    ...spellings(diagnosis.spelling, diagnosis.prefix),
    ...diagnosis.otherSpellings ?? []
  ]
  for (const { mistake, alone } of mistakes) {
    if (!complete || (alone && best?.reasons.length === 1)) break
    for (
      const { bytes, reasons } of tryDigests(scheme, diagnosis, input, header, mistake, alone)
    ) {
      complete = isInTime()
      if (!complete) break
      tried++
      for (const spelling of allSpellings) {
        const allReasons = isReason(spelling) ? [...reasons, reasonOf(spelling)] : reasons
        // One mistake is a better explanation than two.
        const limit = best === undefined ? mostMistakes : best.reasons.length - 1
        if (allReasons.length > limit) continue
        const written = spelling.write(bytes)
        if (signatures.includes(written)) {
          best = { keyId: mistake.keyId, reasons: allReasons, signature: written }
        }
      }
    }
  }
  return { best, tried, complete }
}

/**
 * Whether the process has computed for less than this many milliseconds from now on. Waiting for a
 * busy processor does not count.
 */
function startBudget (ms: number): () => boolean {
  const deadline = performance.now() + ms
  const before = process.cpuUsage()
  return () => {
    if (performance.now() < deadline) return true
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 < ms
  }
}

/** Every mistake with each key, then the mistakes that are too many to combine with others. */
function* listKeyMistakes (
  keys: readonly Key[],
  otherKeys: readonly Key[]
): Generator<{ mistake: KeyMistake, alone: boolean }> {
  for (const mistake of keyMistakes(keys, otherKeys)) yield { mistake, alone: false }
  for (const mistake of keyMistakes(keys, [])) {
    if (mistake.reasons.length === 0) yield { mistake, alone: true }
  }
}

/** The digests of all messages that a client with this key may have signed. */
function* tryDigests<Input> (
  scheme: Verifier<Input>,
  diagnosis: Diagnosis<Input>,
  input: Input,
  signature: string,
  { secret, key, reasons: keyReasons }: KeyMistake,
  alone: boolean
): Generator<{ bytes: Uint8Array, reasons: Reason[] }> {
  const messages: Array<{ message: string | Uint8Array, reasons: Reason[] }> = []
  const correctMessage = ignoreInputErrors(() => scheme.message(input, secret))
  if (correctMessage !== undefined && !alone) {
    messages.push({ message: correctMessage, reasons: keyReasons })
  }
  for (const variant of diagnosis.variants(input, secret)) {
    if ((variant.alone ?? false) === alone) {
      messages.push({ message: variant.message, reasons: [...keyReasons, reasonOf(variant)] })
    }
  }
  const digests: Array<{ digest: Digest, reasons: Reason[], implies?: readonly string[] }> = [{
    digest: diagnosis.digest,
    reasons: []
  }]
  for (const otherDigest of diagnosis.otherDigests ?? []) {
    const { digest, implies = [] } = otherDigest
    digests.push({ digest, reasons: [reasonOf(otherDigest)], implies })
  }
  for (const { message, reasons } of messages) {
    for (
      const { digest, reasons: digestReasons, implies = [] } of alone
        ? digests.slice(0, 1)
        : digests
    ) {
      const allReasons = [
        ...reasons.filter(({ code }) => !implies.includes(code)),
        ...digestReasons
      ]
      if (allReasons.length <= mostMistakes) {
        yield { bytes: digest(message, key, signature), reasons: allReasons }
      }
    }
  }
}

/** Undefined on an `InputError`: an input may be refused with one key only. */
function ignoreInputErrors<T> (step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

function isReason (value: object): value is Reason {
  return 'code' in value
}

/** The fields of a reason only. */
function reasonOf ({ code, text, fix }: Reason): Reason {
  return { code, text, fix }
}

const mask = '‹secret›'

/**
 * The signed text with the secret masked, even if it ends in only the start of the secret. Only the
 * mask, if the text contains the secret in any other form.
 */
function maskSecret<Input> (scheme: Verifier<Input>, input: Input, secret: string): string {
  const message = Buffer.from(scheme.message(input, secret))
  const text = message.toString()
  const otherMessage = ignoreInputErrors(() => scheme.message(input, '*'.repeat(secret.length))) ??
    ''
  if (text.includes(secret) || message.equals(Buffer.from(otherMessage))) {
    return text.replaceAll(secret, mask)
  }
  const bytes = Buffer.from(secret)
  let length = bytes.length
  while (length > 0 && !message.subarray(-length).equals(bytes.subarray(0, length))) length--
  return message.subarray(0, -length).toString() + mask
}
