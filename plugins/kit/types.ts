/**
 * Names for declaration files, at `fastify-contact-center/types`. With `declaration: true`,
 * TypeScript writes the type of each exported schema, decorator and plugin. For every part of such
 * a type it needs a name that the project can import, even where the package manager hides the
 * dependencies of this package. Only TypeScript needs them.
 */
export type {
  DecoratorOf,
  Guard,
  HooksOf,
  InputOf,
  OptionsOfVendor,
  Vendor,
  VendorContext,
  VendorDecorator,
  VendorDefinition,
  VendorOptions,
  VendorPlugin,
  VerificationFor,
  VerificationOf
} from './define-vendor.ts'
export type { HmacSchemeOptions } from './hmac-scheme.ts'
export type { Key, Keys } from './keys/key-ring.ts'
export type { KeyResolver } from './keys/key-resolver.ts'
export type { Failure, FailureReply } from './route/failure.ts'
export type { OptionKind, OptionKinds, OptionsOf, ValuesOf } from './route/option-kinds.ts'
export type {
  CommonOptions,
  DecoratorNameOption,
  RememberOption,
  Settings,
  WindowOption
} from './route/options.ts'
export type { SignHook } from './route/sign-reply.ts'
export type { Verification, VerifyHook } from './route/verify.ts'
export type { Scheme, Verifier } from './scheme.ts'
export type { HmacKey } from './wire/hmac.ts'
export type { WireObject, WireValue } from './wire/json.ts'
export type { TimeWindow } from './wire/time.ts'
export type { FastifyErrorConstructor } from '@fastify/error'
export type {
  TArray,
  TBoolean,
  TInteger,
  TLiteral,
  TNull,
  TNumber,
  TObject,
  TOptional,
  TRecord,
  TSchema,
  TString,
  TUnion,
  TUnknown,
  TUnsafe
} from '@sinclair/typebox'
