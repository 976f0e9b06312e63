import assert from 'node:assert/strict'
import { InputError, type Scheme } from '../kit/index.ts'
import type { ContractCase } from './case.ts'
import { secret } from './fixtures.ts'
import type { SigningContract } from './scheme.ts'

/** The scheme covers every part of its input, and never mutates it. */
export function inputCases<Input extends object, Options extends object> (
  { createScheme, input, changed, illFormed }: SigningContract<Input, Options>
): ContractCase[] {
  const scheme = createScheme({} as Options)
  const loose = createScheme({ strict: false } as Options)
  const parts = Object.keys(input)

  return [
    {
      name: 'the contract has a change for every signed part',
      run () {
        assert.deepEqual(
          parts.filter(part => !changed.some(change => part in change)),
          [],
          'parts without a change'
        )
      }
    },
    ...changed.map((change, i) => ({
      name: `refuses a changed ${Object.keys(change).join(', ')} (${i + 1})`,
      run () {
        assert.notDeepEqual({ ...input, ...change }, input, 'the change changes nothing')
        assertRefused(scheme, input, { ...input, ...change })
        assertRefused(loose, input, { ...input, ...change })
      }
    })),
    ...parts.map(part => ({
      name: `refuses an input whose ${part} is missing or empty`,
      run () {
        const { [part as keyof Input]: _, ...otherParts } = input
        assertRefused(scheme, input, otherParts as Input)
        assertRefused(scheme, input, { ...otherParts, [part]: '' } as Input)
      }
    })),
    {
      name: 'gives the same signature, strict or not',
      run () {
        assert.equal(scheme.sign(input, secret), loose.sign(input, secret))
      }
    },
    {
      name: 'never mutates its input',
      run () {
        const before = structuredClone(input)
        const frozen = deepFreeze(structuredClone(input))
        for (const anyScheme of [scheme, loose]) {
          anyScheme.message(frozen, secret)
          anyScheme.verify(frozen, anyScheme.sign(frozen, secret), secret)
        }
        assert.deepEqual(frozen, before)
      }
    },
    {
      name: 'throws InputError for ill-formed text, strict or not',
      run () {
        assert.notEqual(illFormed.length, 0, 'the contract has no ill-formed input')
        for (const change of illFormed) {
          const illFormedInput = { ...input, ...change }
          for (const anyScheme of [scheme, loose]) {
            assertThrows(
              anyScheme,
              illFormedInput,
              secret,
              InputError,
              Object.keys(change).join(', ')
            )
          }
        }
        for (const anyScheme of [scheme, loose]) {
          assertThrows(anyScheme, input, `${secret}\ud800`, InputError, 'secret')
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

/** Asserts that all three functions throw an error of this type. */
export function assertThrows<Input> (
  scheme: Scheme<Input>,
  input: Input,
  secret: string,
  type: typeof InputError | typeof TypeError,
  description: string
): void {
  assert.throws(() => scheme.sign(input, secret), type, `sign: ${description}`)
  assert.throws(() => scheme.message(input, secret), type, `message: ${description}`)
  assert.throws(() => scheme.verify(input, '', secret), type, `verify: ${description}`)
}

/** Bytes cannot be frozen; they are compared later. */
function deepFreeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
