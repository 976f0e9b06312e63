import type { Limit, Scheme } from '../kit/index.ts'
import type { ContractCase } from './case.ts'
import { inputCases } from './scheme-inputs.ts'
import { limitCases } from './scheme-limits.ts'
import { misuseCases } from './scheme-misuse.ts'
import { signatureCases } from './scheme-signatures.ts'
import { vectorCases } from './scheme-vectors.ts'

/** A known answer. The package's own stand in `fastify-contact-center/vectors/<vendor>.json`. */
export interface ContractVector<Input, Options = object> {
  readonly name: string
  readonly options?: Options
  readonly input: Input
  readonly secret: string
  /** The canonical text, where the source gives it. */
  readonly message?: string
  readonly signature: string
}

/**
 * What shows that a limit is true: two inputs (or two secrets, where the limit is about
 * the secret) that differ and have one signature once our own refusals are off.
 */
export interface Witness<Input, Options = object> {
  readonly inputs: readonly [Input, Input]
  readonly secrets?: readonly [string, string]
  readonly options?: Options
}

/** A scheme, and what the suite cannot know about it. */
export interface SchemeContract<Input extends object, Options extends object = object> {
  /** Makes the scheme; `strict: false` must turn its refusals off. */
  readonly createScheme: (options: Options & { strict?: boolean }) => Scheme<Input>
  /** Known answers from outside. None at all fails. */
  readonly vectors: ReadonlyArray<ContractVector<NoInfer<Input>, NoInfer<Options>>>
  /** An input with every part that can be signed; all of it well-formed and unambiguous. */
  readonly input: NoInfer<Input>
  /**
   * The same input with one signed part changed, by that part. Each part of `input` must be in one
   * of them.
   */
  readonly changed: ReadonlyArray<Partial<NoInfer<Input>>>
  /**
   * Ill-formed text in one part: a lone surrogate, or bytes that are not UTF-8. None at all fails.
   */
  readonly illFormed: ReadonlyArray<Partial<NoInfer<Input>>>
  /**
   * For declared limits that lie in the signed text: `no-separator`, `unescaped-separator`,
   * `unnamed-fields`, `untyped-values`, `spaces-not-covered`, `key-truncated`.
   */
  readonly witnesses?: Partial<Record<Limit, Witness<NoInfer<Input>, NoInfer<Options>>>>
  /**
   * The other spellings of a signature that `verify` takes. None by default: every other one must
   * be refused.
   */
  readonly alsoAccepts?: (signature: string) => readonly string[]
}

/** The cases that hold a scheme to what the kit promises of it. */
export function schemeContract<Input extends object, Options extends object = object> (
  contract: SchemeContract<Input, Options>
): ContractCase[] {
  return [
    ...vectorCases(contract),
    ...signatureCases(contract),
    ...inputCases(contract),
    ...misuseCases(contract),
    ...limitCases(contract)
  ]
}
