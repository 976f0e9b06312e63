import { isDeepStrictEqual } from 'node:util'
import { InputError, type Scheme } from '../../../plugins/kit/index.ts'

/**
 * What a step gives, or undefined where it refuses its input. Anything but a refusal goes on.
 * The tests' own helper would not do: here a refusal is one of the instrumented copy.
 */
export function unlessRefused<T> (step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** @throws unless it holds, saying what does not */
export function must (holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

export function mustEqual (one: unknown, other: unknown, what: string): void {
  must(isDeepStrictEqual(one, other), what)
}

const clean = Reflect.ownKeys(Object.prototype).length

/** @throws when an input has written to what all objects share */
export function mustNotPollute (): void {
  must(Reflect.ownKeys(Object.prototype).length === clean, 'Object.prototype was written to')
}

/** @throws unless the input is refused, or signed so that the signature verifies */
export function mustVerify<Input> (
  scheme: Scheme<Input>,
  input: Input,
  secret = 'a-key-of-at-least-16'
): void {
  const signature = unlessRefused(() => scheme.sign(input, secret))
  const verified = unlessRefused(() => scheme.verify(input, signature ?? '', secret))
  must(
    verified === (signature === undefined ? undefined : true),
    `${scheme.name}: signing and verifying disagree`
  )
}
