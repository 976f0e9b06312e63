import { createHash, hash } from 'node:crypto'

const lengths = { sha1: [64, 20], sha256: [64, 32], sha384: [128, 48], sha512: [128, 64] } as const
const scratch = Buffer.alloc(32_768) // A pad and a message stand here during a call, then zeros.

/** A key of HMAC (RFC 2104). Its two pads live as long as it, and halve the time of short MACs. */
export class HmacKey {
  readonly #algorithm: keyof typeof lengths
  readonly #inner: Buffer
  readonly #outer: Buffer
  constructor (algorithm: keyof typeof lengths, key: string | Uint8Array) {
    const [block, length] = lengths[algorithm]
    const bytes = Buffer.byteLength(key) > block ? hash(algorithm, key, 'buffer') : Buffer.from(key)
    this.#algorithm = algorithm
    const pad = (byte: number, at: number): number => byte ^ (bytes[at] ?? 0)
    this.#inner = Buffer.alloc(block, 0x36).map(pad) as Buffer
    this.#outer = Buffer.alloc(block + length, 0x5c).map(pad) as Buffer
  }

  /** The MAC of the parts, one after the other; text is UTF-8. */
  digest (encoding: 'base64' | 'base64url' | 'hex', ...parts: Array<string | Uint8Array>): string {
    let inner: string
    let end = this.#inner.length
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
