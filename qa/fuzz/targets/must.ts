import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../../../plugins/kit/index.ts'

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
