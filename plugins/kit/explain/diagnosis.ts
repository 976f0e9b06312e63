/** A mistake of a client, and how to fix it. */
export interface Reason {
  /** Stable, in kebab case: `key-other`, `spelling-hex`, `body-reserialised`… */
  readonly code: string
  readonly text: string
  readonly fix: string
}

/** A possible mistake, which a search tries. */
export interface Mistake extends Reason {
  /** One of very many, which are tried only with no other mistake. */
  readonly alone?: boolean
}

/** A message that a client with this mistake would sign. */
export interface Variant extends Mistake {
  readonly message: string | Uint8Array
}

/** The parts of an HTTP request that can carry a signature. */
export interface HttpMessage {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  /** By name in lower case; the first value of a repeated header. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/**
 * Computes the MAC or hash of a message. It ignores the key if the message contains it. If only the
 * vendor can sign, it returns the bytes of the received signature if they verify, else none.
 */
export type Digest = (
  message: string | Uint8Array,
  key: string | Uint8Array,
  received?: string
) => Uint8Array

/** A way of writing a digest as text. */
export interface Spelling {
  write(digest: Uint8Array): string
}

/** Sentences that name the missing parts of a request. */
export interface MissingParts {
  readonly signature?: string
  readonly others: readonly string[]
}

/** The facts about a scheme that `explain` needs. */
export interface Diagnosis<Input> {
  /**
   * How the vendor writes a signature: padded standard base64, unpadded url-safe base64, or
   * lower-case hex.
   */
  readonly spelling: 'base64' | 'base64url' | 'hex'
  /** The text before it, such as `sha256=`. */
  readonly prefix?: string
  readonly digest: Digest
  /**
   * Wrong digests that clients compute. `implies` has the codes of mistakes that come with one: a
   * client that uses an HMAC does not put the key into the text.
   */
  readonly otherDigests?: ReadonlyArray<
    Reason & { readonly digest: Digest, readonly implies?: readonly string[] }
  >
  /**
   * Spellings beyond those that the kit tries. One without a reason is valid at the vendor too.
   */
  readonly otherSpellings?: ReadonlyArray<Spelling | Spelling & Reason>
  /**
   * Messages that clients sign by mistake, the most frequent mistake first. Leave out those that
   * cannot be built. They are built even for input that strict signing refuses.
   */
  variants(input: Input, secret: string): Iterable<Variant>
  /** The signatures in a header with several, of which one must match. */
  signatures?(header: string): readonly string[]
  /** Mistakes in the input itself, such as a wrong hash of the body. */
  reasons?(input: Input): Iterable<Reason>
  /** The signed time of an input as text, in epoch milliseconds, where there is one. */
  timestamp?(input: Input): string | undefined
  /** How the vendor writes the time, for advice. Default: epoch milliseconds. */
  readonly timeFormat?: 'milliseconds' | 'seconds' | 'ISO 8601'
  /**
   * Reads input and signature from a request, more leniently than verifying does. The input may
   * have unsigned parts too, for `variants` to try.
   * @throws {InputError} when the request cannot be read
   */
  extract(request: HttpMessage): { input: Input, signature: string }
  /**
   * The missing parts of a request, in sentences: `the request has no Authorization header`.
   */
  missing?(request: HttpMessage): MissingParts
}
