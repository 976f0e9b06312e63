import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { HmacKey } from '../../plugins/kit/wire/hmac.ts'

const algorithms = ['sha1', 'sha256', 'sha384', 'sha512'] as const
const encodings = ['base64', 'base64url', 'hex'] as const

/** Longer messages are hashed as a stream. Lengths near this limit are tried more often. */
const room = 32_768

/**
 * Compares our MACs with those of Node's `createHmac` on random keys and messages. Returns the
 * lengths that reproduce each difference.
 */
export function compare (runs: number): string[] {
  const faults: string[] = []
  for (let run = 0; run < runs; run++) {
    const algorithm = pick(algorithms)
    const encoding = pick(encodings)
    const secret = content(randomInt(run % 4 === 0 ? 300 : 70))
    const key = new HmacKey(algorithm, secret)
    // Reuses the key: earlier messages must not affect later ones.
    for (let round = 0; round < 2; round++) {
      const parts = Array.from({ length: randomInt(4) }, () => content(lengthOf(run)))
      const hmac = createHmac(algorithm, secret)
      for (const part of parts) hmac.update(part)
      if (hmac.digest(encoding) === key.digest(encoding, ...parts)) continue
      const lengths = parts.map(part => `${typeof part} of ${part.length}`).join(', ')
      faults.push(`${algorithm}, ${encoding}, key of ${secret.length}: ${lengths}`)
    }
  }
  return faults
}

function lengthOf (run: number): number {
  if (run % 1000 === 1) return room - 300 + randomInt(600)
  if (run % 1000 === 2) return Math.floor(room / 3) - 100 + randomInt(200)
  return randomInt(run % 10 === 0 ? 4000 : 200)
}

/** Bytes, or text with characters of one to four bytes and lone surrogates. */
function content (length: number): string | Uint8Array {
  const bytes = randomBytes(length)
  switch (randomInt(4)) {
    case 0:
      return new Uint8Array(bytes)
    case 1:
      return bytes
    case 2:
      return bytes.toString('hex').slice(0, length)
    default:
      return bytes.toString('utf16le')
  }
}

function pick<T> (list: readonly T[]): T {
  return list[randomInt(list.length)] as T
}
