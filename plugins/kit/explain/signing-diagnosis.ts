import { InputError, type Scheme } from '../scheme.ts'
import type { Diagnosis } from './diagnosis.ts'

/**
 * For a vendor without a diagnosis: tries other keys and other spellings, but no other messages. It
 * cannot read requests.
 * @throws {InputError} for an input that cannot be signed
 */
export function diagnosisBySigning<Input> (
  scheme: Scheme<Input>,
  input: Input,
  secret: string
): Diagnosis<Input> {
  const { prefix, spelling } = readForm(scheme.sign(input, secret))
  return {
    prefix,
    spelling,
    digest: (_message, key) =>
      Buffer.from(
        scheme.sign(input, Buffer.from(key).toString()).slice(prefix.length),
        spelling
      ),
    variants: () => [],
    extract () {
      throw new InputError(`${scheme.name} has no diagnosis, so it cannot read a request`)
    }
  }
}

/** How a signature is written: in lower-case hex or base64, after an optional prefix. */
function readForm (signature: string): { prefix: string, spelling: 'base64' | 'hex' } {
  const unpadded = signature.replace(/={1,2}$/, '')
  const length = 1 + Math.max(...['=', ',', ':', ' '].map(end => unpadded.lastIndexOf(end)))
  return {
    prefix: signature.slice(0, length),
    spelling: /^(?:[0-9a-f]{2})+$/.test(signature.slice(length)) ? 'hex' : 'base64'
  }
}
