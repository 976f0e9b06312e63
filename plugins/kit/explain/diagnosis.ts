/** One thing that a client did differently, and what it should do instead. */
export interface Reason {
  /** Stable, in kebab case: `key-other`, `spelling-hex`, `body-reserialised`… */
  readonly code: string
  readonly text: string
  readonly fix: string
}

/** What a client may have done, for a search to try. */
export interface Mistake extends Reason {
  /** One of very many: tried only where nothing else is wrong. */
  readonly alone?: boolean
}

/** A message that a wrong client would sign, and why it would. */
export interface Variant extends Mistake {
  readonly message: string | Uint8Array
}

/** What of an HTTP request a signature can lie in. */
export interface HttpMessage {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  /** Names in lower case; of a repeated header the first. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/**
 * The MAC or hash of a message. The key is left aside by vendors that mix it into the message.
 * Where only the vendor can sign, it gives the bytes of the received signature if they are right,
 * else none.
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

/** Sentences that name what is not there. */
export interface MissingParts {
  readonly signature?: string
  readonly others: readonly string[]
}

/** What `explain` needs to know about a scheme. */
export interface Diagnosis<Input> {
  /**
   * How the vendor writes a signature: padded standard base64, unpadded url-safe base64, or
   * lower-case hex.
   */
  readonly spelling: 'base64' | 'base64url' | 'hex'
  /** What stands before it, such as `sha256=`. */
  readonly prefix?: string
  readonly digest: Digest
  /**
   * The digests of those who misread the vendor's page. `implies` has the codes of what goes
   * without saying then: who takes an HMAC does not put the key into the text.
   */
  readonly otherDigests?: ReadonlyArray<
    Reason & { readonly digest: Digest, readonly implies?: readonly string[] }
  >
  /**
   * Other spellings than those that the kit tries: without a reason where the vendor takes them
   * too.
   */
  readonly otherSpellings?: ReadonlyArray<Spelling | Spelling & Reason>
  /**
   * Messages that wrong clients sign instead, the most frequent mistake first; those that
   * cannot be built may be left out. They are built even where strict signing refuses.
   */
  variants(input: Input, secret: string): Iterable<Variant>
  /** The signatures in a header that holds several; of those one is enough. */
  signatures?(header: string): readonly string[]
  /** What is wrong in the input itself, such as the hash of a body that is signed in its place. */
  reasons?(input: Input): Iterable<Reason>
  /** The signed time of an input as text, in epoch milliseconds, where there is one. */
  timestamp?(input: Input): string | undefined
  /**
   * Input and signature of a request, read leniently: explaining begins where verifying
   * gives up. The input may hold more than is signed, for `variants` to try.
   * @throws {InputError} when there is no reading it
   */
  extract(request: HttpMessage): { input: Input, signature: string }
  /**
   * What of the signature a request lacks, in sentences: `the request has no Authorization header`.
   */
  missing?(request: HttpMessage): MissingParts
}
