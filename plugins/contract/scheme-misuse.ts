import type { ContractCase } from './case.ts'
import { secret } from './fixtures.ts'
import type { SigningContract } from './scheme.ts'
import { assertThrows } from './scheme-inputs.ts'

export function misuseCases<Input extends object, Options extends object> (
  { createScheme, input }: SigningContract<Input, Options>
): ContractCase[] {
  const schemes = [createScheme({} as Options), createScheme({ strict: false } as Options)]

  return [
    {
      name: 'throws TypeError on a secret that is empty or not text, strict or not',
      run () {
        for (const scheme of schemes) {
          for (const bad of ['', undefined, null, 1, Buffer.from(secret)]) {
            assertThrows(scheme, input, bad as string, TypeError, `a secret of type ${typeof bad}`)
          }
        }
      }
    },
    {
      name: 'throws TypeError on parts of another type',
      run () {
        for (const scheme of schemes) {
          const wrong = Object.fromEntries(
            Object.keys(input).map(part => [part, Symbol('no part')])
          )
          assertThrows(scheme, wrong as Input, secret, TypeError, 'parts that are symbols')
        }
      }
    }
  ]
}
