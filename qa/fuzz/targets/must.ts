import { isDeepStrictEqual } from 'node:util'
import { InputError, type Scheme } from '../../../plugins/kit/index.ts'

/**
 * Returns the result of a step, or undefined if it refuses its input. Rethrows other errors. The
 * tests' helper does not work here: refusals are instances of the instrumented class.
 */
export function catchRefusal<T> (step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

/** @throws {Error} with `problem` as the message unless it holds */
export function mustHold (condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem)
}

export function mustEqual (actual: unknown, expected: unknown, label: string): void {
  mustHold(isDeepStrictEqual(actual, expected), label)
}

const clean = Reflect.ownKeys(Object.prototype).length

/** @throws if an input has modified a shared prototype */
export function mustNotPollute (): void {
  mustHold(Reflect.ownKeys(Object.prototype).length === clean, 'Object.prototype was written to')
}

/** @throws unless the input is refused, or signed with a signature that verifies */
export function mustVerify<Input> (
  scheme: Scheme<Input>,
  input: Input,
  secret = 'a-key-of-at-least-16'
): void {
  const signature = catchRefusal(() => scheme.sign(input, secret))
  const verified = catchRefusal(() => scheme.verify(input, signature ?? '', secret))
  mustHold(
    verified === (signature === undefined ? undefined : true),
    `${scheme.name}: signing and verifying disagree`
  )
}
