import assert from 'node:assert/strict'
import type { ContractCase } from './case.ts'
import { replaceWithNonAscii, otherSecret, otherText, secret } from './fixtures.ts'
import type { SigningContract } from './scheme.ts'
import { otherSpellings } from './spellings.ts'

/** Enough keys that some signatures begin with a zero, and every digit occurs. */
const keys = Array.from({ length: 64 }, (_, i) => `${secret}-${i}`)

/** One signature for each input and key, in one spelling. */
export function signatureCases<Input extends object, Options extends object> (
  { createScheme, input, alsoAccepts = () => [] }: SigningContract<Input, Options>
): ContractCase[] {
  const scheme = createScheme({} as Options)

  return [
    {
      name: 'verifies its own signatures, with every key',
      run () {
        for (const key of keys) {
          assert.equal(scheme.verify(input, scheme.sign(input, key), key), true)
        }
      }
    },
    {
      name: 'gives the same signature each time for the same input',
      run () {
        assert.equal(scheme.sign(input, secret), scheme.sign(input, secret))
        assert.deepEqual(scheme.message(input, secret), scheme.message(input, secret))
      }
    },
    {
      name: 'refuses the signature of another key',
      run () {
        assert.equal(scheme.verify(input, scheme.sign(input, otherSecret), secret), false)
        assert.equal(scheme.verify(input, scheme.sign(input, secret), otherSecret), false)
      }
    },
    {
      name: 'refuses a signature with one changed character',
      run () {
        const signature = scheme.sign(input, secret)
        for (let at = 0; at < signature.length; at++) {
          const changed = signature.slice(0, at) + otherText(signature.slice(at, at + 1)) +
            signature.slice(at + 1)
          assert.equal(scheme.verify(input, changed, secret), false, `character ${at}`)
        }
      }
    },
    {
      name: 'refuses every other spelling of the signature',
      run () {
        for (const key of keys) {
          const signature = scheme.sign(input, key)
          const accepted = alsoAccepts(signature)
          for (const [name, spelling] of otherSpellings(signature)) {
            if (!accepted.includes(spelling)) {
              assert.equal(scheme.verify(input, spelling, key), false, name)
            }
          }
        }
      }
    },
    {
      name: 'accepts the spellings in alsoAccepts',
      run () {
        for (const key of keys) {
          for (const spelling of alsoAccepts(scheme.sign(input, key))) {
            assert.equal(scheme.verify(input, spelling, key), true, spelling)
          }
        }
      }
    },
    {
      name: 'returns false for a malformed signature, and never throws',
      run () {
        const signature = scheme.sign(input, secret)
        const junk: unknown[] = [
          '',
          ' ',
          '=',
          '\0',
          '\ud800',
          replaceWithNonAscii(signature),
          'é'.repeat(signature.length),
          signature.slice(1),
          signature.slice(0, -1),
          signature + signature,
          '/'.repeat(100_000),
          undefined,
          null,
          true,
          0,
          {},
          [],
          [signature],
          Buffer.from(signature),
          new String(signature) // eslint-disable-line no-new-wrappers
        ]
        for (const value of junk) assert.equal(scheme.verify(input, value as string, secret), false)
      }
    }
  ]
}
