/**
 * Names for declaration files, at `fastify-contact-center/types`. With `declaration: true`,
 * TypeScript writes down the type of each exported schema, decorator and plugin. It needs a name
 * for every part that the project can import, also where the project's package manager hides the
 * packages that this one depends on. Nobody else needs them.
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
