import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { limits } from '../kit/scheme.ts'
import type { Limit } from '../kit/scheme.ts'
import type { ContractCase } from './case.ts'
import { secret } from './fixtures.ts'
import type { SigningContract, Witness } from './scheme.ts'

/**
 * Limits of the signed text, which two inputs can show. The plugin's contract shows those of
 * requests.
 */
const shownByInputs: readonly Limit[] = [
  'no-separator',
  'unescaped-separator',
  'unnamed-fields',
  'untyped-values',
  'spaces-not-covered',
  'key-truncated'
]

/** Each declared limit of the signed text is true, and none is missing. */
export function limitCases<Input extends object, Options extends object> (
  { createScheme, input, witnesses = {} }: SigningContract<Input, Options>
): ContractCase[] {
  const scheme = createScheme({} as Options)

  return [
    {
      name: 'declares only known limits, each once',
      run () {
        assert.deepEqual(scheme.limits.filter(limit => !Object.hasOwn(limits, limit)), [])
        assert.equal(new Set(scheme.limits).size, scheme.limits.length)
      }
    },
    {
      name: 'declares every limit that has a witness',
      run () {
        const undeclared = Object.keys(witnesses).filter(limit =>
          !scheme.limits.some(declared => declared === limit)
        )
        assert.deepEqual(
          undeclared,
          [],
          `the scheme declares no limit ${
            undeclared.join(', ')
          }: remove the witness, or add the limit`
        )
      }
    },
    ...scheme.limits.filter(limit => shownByInputs.includes(limit)).map(limit => ({
      name: `limit ${limit} is true`,
      run () {
        const witness = witnesses[limit]
        assert.ok(witness, 'a declared limit needs a witness')
        assertSameSignature(createScheme, limit, witness)
      }
    })),
    {
      name: scheme.limits.includes('weak-hash') ? 'limit weak-hash is true' : 'is not a bare SHA-1',
      run () {
        const sha1 = createHash('sha1').update(scheme.message(input, secret)).digest()
        const signature = scheme.sign(input, secret).toLowerCase()
        const isSha1 = signature === sha1.toString('hex').replace(/^0+/, '') ||
          signature === sha1.toString('hex') || signature === sha1.toString('base64').toLowerCase()
        assert.equal(isSha1, scheme.limits.includes('weak-hash'))
      }
    }
  ]
}

function assertSameSignature<Input extends object, Options extends object> (
  createScheme: SigningContract<Input, Options>['createScheme'],
  limit: Limit,
  witness: Witness<Input, Options>
): void {
  const { inputs: [first, second], secrets = [secret, secret], options } = witness
  const [firstSecret, secondSecret] = secrets
  const loose = createScheme({ ...options, strict: false } as Options)
  assert.notDeepEqual(
    [first, firstSecret],
    [second, secondSecret],
    'the two inputs of the witness are the same'
  )
  const signature = loose.sign(first, firstSecret)
  const failure = `limit ${limit} says: ${
    limits[limit]
  } So with strict: false these two inputs must have the same signature, but do not: ${
    inspect(first, { depth: 9 })
  } and ${
    inspect(second, { depth: 9 })
  }. Is the limit true, and does strict: false turn off every refusal?`
  assert.ok(loose.sign(second, secondSecret) === signature, failure)
  assert.ok(loose.verify(second, signature, secondSecret), failure)
}
