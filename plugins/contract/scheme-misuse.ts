import type { ContractCase } from './case.ts'
import { secret } from './fixtures.ts'
import type { SigningContract } from './scheme.ts'
import { assertThrows } from './scheme-inputs.ts'

/** Secrets and parts of the wrong type. */
export function misuseCases<Input extends object, Options extends object> (
  { createScheme, input }: SigningContract<Input, Options>
): ContractCase[] {
  const schemes = [createScheme({} as Options), createScheme({ strict: false } as Options)]

  return [
    {
      name: 'throws TypeError for an empty secret or one that is not a string, strict or not',
      run () {
        for (const scheme of schemes) {
          for (const invalidSecret of ['', undefined, null, 1, Buffer.from(secret)]) {
            assertThrows(
              scheme,
              input,
              invalidSecret as string,
              TypeError,
              `a secret of type ${typeof invalidSecret}`
            )
          }
        }
      }
    },
    {
      name: 'throws TypeError for parts of the wrong type',
      run () {
        for (const scheme of schemes) {
          const symbols = Object.fromEntries(
            Object.keys(input).map(part => [part, Symbol('no part')])
          )
          assertThrows(scheme, symbols as Input, secret, TypeError, 'parts that are symbols')
        }
      }
    }
  ]
}
