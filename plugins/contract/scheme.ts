import type { Limit, Scheme, Verifier } from '../kit/scheme.ts'
import type { ContractCase } from './case.ts'
import { secretOfForm } from './fixtures.ts'
import { inputCases } from './scheme-inputs.ts'
import { limitCases } from './scheme-limits.ts'
import { misuseCases } from './scheme-misuse.ts'
import { signatureCases } from './scheme-signatures.ts'
import { vectorCases } from './scheme-vectors.ts'

/** A known answer. The package's own are in `fastify-contact-center/vectors/<vendor>.json`. */
export interface ContractVector<Input, Options = object> {
  readonly name: string
  readonly options?: Options
  readonly input: Input
  readonly secret: string
  /** The canonical text, if the source shows it. */
  readonly message?: string
  readonly signature: string
}

/**
 * Proof that a limit is true: two different inputs (or secrets, if the limit is about the secret)
 * with the same signature under `strict: false`.
 */
export interface Witness<Input, Options = object> {
  readonly inputs: readonly [Input, Input]
  readonly secrets?: readonly [string, string]
  readonly options?: Options
}

/** A scheme, and the facts that the suite needs about it. */
export interface SchemeContract<Input extends object, Options extends object = object> {
  /** Makes the scheme. `strict: false` must turn its refusals off. */
  readonly createScheme: (
    options: Options & { strict?: boolean }
  ) => Scheme<Input> | Verifier<Input>
  /** Signs as the vendor does, if the scheme cannot sign. */
  sign?(input: NoInfer<Input>, secret: string): string
  /**
   * Makes a secret of the vendor's form from a text: equal secrets for equal texts, different ones
   * for different texts. Default: the text itself.
   */
  readonly secretOf?: (text: string) => string
  /** Known answers from outside. At least one is required. */
  readonly vectors: ReadonlyArray<ContractVector<NoInfer<Input>, NoInfer<Options>>>
  /** A well-formed and unambiguous input with every part that can be signed. */
  readonly input: NoInfer<Input>
  /**
   * Changes of `input`, each with another value of one part. Each part of `input` needs a change.
   */
  readonly changed: ReadonlyArray<Partial<NoInfer<Input>>>
  /**
   * Changes that make one part ill-formed: a lone surrogate, or bytes that are not UTF-8. At least
   * one is required.
   */
  readonly illFormed: ReadonlyArray<Partial<NoInfer<Input>>>
  /**
   * For each declared limit of the signed text: `no-separator`, `unescaped-separator`,
   * `unnamed-fields`, `untyped-values`, `spaces-not-covered`, `key-truncated`.
   */
  readonly witnesses?: Partial<Record<Limit, Witness<NoInfer<Input>, NoInfer<Options>>>>
  /**
   * Further spellings of a signature that `verify` accepts. Default: none. All others must be
   * refused.
   */
  readonly alsoAccepts?: (signature: string) => readonly string[]
}

/** The contract for the cases: the scheme signs, and any text is a secret. */
export interface SigningContract<Input extends object, Options extends object>
  extends Omit<SchemeContract<Input, Options>, 'createScheme'> {
  readonly createScheme: (options: Options & { strict?: boolean }) => Scheme<Input>
  /** The scheme unchanged, for known answers. */
  readonly createVerifier: (options: Options & { strict?: boolean }) => Verifier<Input>
}

/** The test cases of every scheme. */
export function schemeContract<Input extends object, Options extends object = object> (
  vendorContract: SchemeContract<Input, Options>
): ContractCase[] {
  const contract: SigningContract<Input, Options> = {
    ...vendorContract,
    createVerifier: vendorContract.createScheme,
    createScheme: options => signingScheme(vendorContract.createScheme(options), vendorContract)
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
  const inForm = (secret: string): string => secretOfForm(secret, secretOf)

  function sign (input: Input, secret: string): string {
    if ('sign' in scheme) return scheme.sign(input, inForm(secret))
    if (signAsVendor === undefined) throw new TypeError('the scheme cannot sign: pass `sign`')
    // Throws on input that the scheme refuses, as a signing scheme would.
    scheme.message(input, inForm(secret))
    return signAsVendor(input, inForm(secret))
  }

  return {
    ...scheme,
    sign,
    message: (input, secret) => scheme.message(input, inForm(secret)),
    verify: (input, signature, secret) => scheme.verify(input, signature, inForm(secret))
  }
}
