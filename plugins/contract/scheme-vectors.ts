import assert from 'node:assert/strict'
import type { Scheme, Verifier } from '../kit/index.ts'
import type { ContractCase } from './case.ts'
import type { SigningContract } from './scheme.ts'

/** Known answers from outside. */
export function vectorCases<Input extends object, Options extends object> (
  { createVerifier, vectors }: SigningContract<Input, Options>
): ContractCase[] {
  return [
    {
      name: 'has known answers',
      run () {
        assert.notEqual(vectors.length, 0, 'a scheme needs vectors from outside')
      }
    },
    ...vectors.map(({ name, options, input, secret, message, signature }) => ({
      name: `known answer: ${name}`,
      run () {
        const scheme: Partial<Scheme<Input>> & Verifier<Input> = createVerifier(
          options ?? {} as Options
        )
        if (message !== undefined) {
          assert.equal(Buffer.from(scheme.message(input, secret)).toString(), message, 'message')
        }
        if (scheme.sign !== undefined) {
          assert.equal(scheme.sign(input, secret), signature, 'sign')
        }
        assert.equal(scheme.verify(input, signature, secret), true, 'verify')
      }
    }))
  ]
}
