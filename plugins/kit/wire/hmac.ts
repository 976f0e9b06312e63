import { createHash, hash } from 'node:crypto'

/** The bytes of a block and of a digest (FIPS 180-4, figure 1). */
const blockAndDigestLengths = {
  sha1: [64, 20],
  sha256: [64, 32],
  sha384: [128, 48],
  sha512: [128, 64]
} as const
/** Holds the inner pad and a message during a call. It is zeroed afterwards. */
const scratch = Buffer.alloc(32_768)

/**
 * An HMAC key (RFC 2104). Its two pads are computed once, as section 4 suggests, which halves the
 * time of short MACs.
 */
export class HmacKey {
  readonly #algorithm: keyof typeof blockAndDigestLengths
  readonly #inner: Buffer
  readonly #outer: Buffer
  constructor (algorithm: keyof typeof blockAndDigestLengths, key: string | Uint8Array) {
    const [block, length] = blockAndDigestLengths[algorithm]
    const bytes = Buffer.byteLength(key) > block ? hash(algorithm, key, 'buffer') : Buffer.from(key)
    this.#algorithm = algorithm
    const pad = (byte: number, index: number): number => byte ^ (bytes[index] ?? 0)
    this.#inner = Buffer.alloc(block, 0x36).map(pad) as Buffer
    this.#outer = Buffer.alloc(block + length, 0x5c).map(pad) as Buffer
  }

  /** Computes the MAC of the concatenated parts; text is encoded as UTF-8. */
  digest (encoding: 'base64' | 'base64url' | 'hex', ...parts: Array<string | Uint8Array>): string {
    let inner: string
    let end = this.#inner.length
    // In UTF-8, a UTF-16 code unit takes at most three bytes.
    if (parts.reduce((sum, part) => sum + 3 * part.length, end) <= scratch.length) {
      scratch.set(this.#inner)
      for (const part of parts) {
        if (typeof part === 'string') end += scratch.write(part, end)
        else scratch.set(part, (end += part.length) - part.length)
      }
      inner = hash(this.#algorithm, scratch.subarray(0, end), 'binary')
      scratch.fill(0, 0, end)
    } else {
      const stream = createHash(this.#algorithm).update(this.#inner)
      inner = parts.reduce((stream, part) => stream.update(part), stream).digest('binary')
    }
    this.#outer.write(inner, this.#inner.length, 'binary')
    return hash(this.#algorithm, this.#outer, encoding)
  }
}
