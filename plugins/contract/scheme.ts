import type { Limit, Scheme, Verifier } from '../kit/scheme.ts'
import type { ContractCase } from './case.ts'
import { secretOfForm } from './fixtures.ts'
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
  readonly createScheme: (
    options: Options & { strict?: boolean }
  ) => Scheme<Input> | Verifier<Input>
  /** Signs as the vendor does, where the scheme cannot. */
  sign?(input: NoInfer<Input>, secret: string): string
  /**
   * Makes a secret of the vendor's form, always the same of one text and another of another. By
   * default the text is one.
   */
  readonly secretOf?: (text: string) => string
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

/** The same as the cases see it: a scheme that signs, with text for secrets. */
export interface SigningContract<Input extends object, Options extends object>
  extends Omit<SchemeContract<Input, Options>, 'createScheme'> {
  readonly createScheme: (options: Options & { strict?: boolean }) => Scheme<Input>
  /** As it is, for known answers. */
  readonly createVerifier: (options: Options & { strict?: boolean }) => Verifier<Input>
}

/** The cases that hold a scheme to what the kit promises of it. */
export function schemeContract<Input extends object, Options extends object = object> (
  given: SchemeContract<Input, Options>
): ContractCase[] {
  const contract: SigningContract<Input, Options> = {
    ...given,
    createVerifier: given.createScheme,
    createScheme: options => signingScheme(given.createScheme(options), given)
  }
  return [
    ...vectorCases(contract),
    ...signatureCases(contract),
    ...inputCases(contract),
    ...misuseCases(contract),
    ...limitCases(contract)
  ]
}

function signingScheme<Input extends object> (
  scheme: Verifier<Input> | Scheme<Input>,
  { sign: signAsVendor, secretOf }: Pick<SchemeContract<Input>, 'sign' | 'secretOf'>
): Scheme<Input> {
  const form = (secret: string): string => secretOfForm(secret, secretOf)

  function sign (input: Input, secret: string): string {
    if ('sign' in scheme) return scheme.sign(input, form(secret))
    if (signAsVendor === undefined) throw new TypeError('the scheme cannot sign: `sign` is needed')
    // What the scheme would refuse, the vendor does not sign.
    scheme.message(input, form(secret))
    return signAsVendor(input, form(secret))
  }

  return {
    ...scheme,
    sign,
    message: (input, secret) => scheme.message(input, form(secret)),
    verify: (input, signature, secret) => scheme.verify(input, signature, form(secret))
  }
}
