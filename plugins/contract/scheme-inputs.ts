import assert from 'node:assert/strict'
import { InputError, type Scheme } from '../kit/index.ts'
import type { ContractCase } from './case.ts'
import { secret } from './fixtures.ts'
import type { SigningContract } from './scheme.ts'

export function inputCases<Input extends object, Options extends object> (
  { createScheme, input, changed, illFormed }: SigningContract<Input, Options>
): ContractCase[] {
  const scheme = createScheme({} as Options)
  const loose = createScheme({ strict: false } as Options)
  const parts = Object.keys(input)

  return [
    {
      name: 'every signed part has a change',
      run () {
        assert.deepEqual(
          parts.filter(part => !changed.some(change => part in change)),
          [],
          'parts without a change'
        )
      }
    },
    ...changed.map((change, i) => ({
      name: `refuses a change of ${Object.keys(change).join(', ')} (${i + 1})`,
      run () {
        assert.notDeepEqual({ ...input, ...change }, input, 'the change changes nothing')
        assertRefused(scheme, input, { ...input, ...change })
        assertRefused(loose, input, { ...input, ...change })
      }
    })),
    ...parts.map(part => ({
      name: `refuses an input without ${part}, and with an empty one`,
      run () {
        const { [part as keyof Input]: _, ...rest } = input
        assertRefused(scheme, input, rest as Input)
        assertRefused(scheme, input, { ...rest, [part]: '' } as Input)
      }
    })),
    {
      name: 'strict and loose schemes sign an input alike',
      run () {
        assert.equal(scheme.sign(input, secret), loose.sign(input, secret))
      }
    },
    {
      name: 'never mutates its input',
      run () {
        const before = structuredClone(input)
        const frozen = deepFreeze(structuredClone(input))
        for (const each of [scheme, loose]) {
          each.message(frozen, secret)
          each.verify(frozen, each.sign(frozen, secret), secret)
        }
        assert.deepEqual(frozen, before)
      }
    },
    {
      name: 'throws InputError for ill-formed text, strict or not',
      run () {
        assert.notEqual(illFormed.length, 0, 'no ill-formed input to try')
        for (const bad of illFormed) {
          const wrong = { ...input, ...bad }
          for (const each of [scheme, loose]) {
            assertThrows(each, wrong, secret, InputError, Object.keys(bad).join(', '))
          }
        }
        for (const each of [scheme, loose]) {
          assertThrows(each, input, `${secret}\ud800`, InputError, 'secret')
        }
      }
    }
  ]
}

/** Asserts that `verify` returns false, or refuses the input. */
function assertRefused<Input> (scheme: Scheme<Input>, signed: Input, presented: Input): void {
  const signature = scheme.sign(signed, secret)
  let verified = false
  try {
    verified = scheme.verify(presented, signature, secret)
  } catch (error) {
    assert.ok(error instanceof InputError || error instanceof TypeError, `threw ${String(error)}`)
  }
  assert.equal(verified, false)
}

export function assertThrows<Input> (
  scheme: Scheme<Input>,
  input: Input,
  secret: string,
  type: typeof InputError | typeof TypeError,
  what: string
): void {
  assert.throws(() => scheme.sign(input, secret), type, `sign: ${what}`)
  assert.throws(() => scheme.message(input, secret), type, `message: ${what}`)
  assert.throws(() => scheme.verify(input, '', secret), type, `verify: ${what}`)
}

/** Bytes cannot be frozen; they are compared later. */
function deepFreeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
