export { captureBody, capturedBody, provideBody } from './route/capture.ts'
export { signedJson } from './route/signed-json.ts'
export { settleClaim, type SaysFailure } from './route/claims.ts'
export * from './errors.ts'
export type { Failure, FailureReply } from './route/failure.ts'
export { PlainFailure, plainFailure } from './route/plain-failure.ts'
export { type SignHook, signReply } from './route/sign-reply.ts'
export { parseForm, parseFormPairs, parseQuery } from './wire/form.ts'
export { assertMediaType, mediaType } from './wire/media-type.ts'
export { secondsHeader, shapedHeader, singleHeader } from './wire/headers.ts'
export { installVendor, type ContactCenterRouteConfig, type Installation } from './route/install.ts'
export {
  keyRing,
  signingKey,
  type Key,
  type KeyPolicy,
  type KeyRing,
  type Keys,
  type ValidKeys
} from './keys/key-ring.ts'
export type { KeyCacheOptions, KeyResolver } from './keys/key-resolver.ts'
export type { HmacKey } from './wire/hmac.ts'
export {
  decodeBase64,
  decodeBase64Sha256,
  equalBytes,
  equalText,
  hmacKeyReader,
  hmacSha256,
  hmacSha256Base64,
  isBase64Sha256
} from './wire/mac.ts'
export {
  readCommonOptions,
  readOwnOptions,
  type CommonOptions,
  type DecoratorName,
  type OptionsPolicy,
  type RememberOption,
  type Settings,
  type WindowOption
} from './route/options.ts'
export { publishOutcome, verificationChannel, type Outcome } from './route/outcomes.ts'
export { assertProtected, markVerifyHook, type ProtectOptions } from './route/protect.ts'
export { redisStore, type RedisStoreOptions } from './replay/redis.ts'
export type { RedisClient } from './replay/redis-client.ts'
export { memoryStore, type MemoryStore, type MemoryStoreOptions } from './replay/memory.ts'
export { isStore, notAStore, type ExpiringStore } from './replay/store.ts'
export {
  assertStrict,
  InputError,
  limits,
  type Limit,
  type Scheme,
  type Verifier
} from './scheme.ts'
export { assertBody, type Body } from './wire/body.ts'
export {
  assertSecret,
  assertUtf8,
  assertWellFormed,
  decodeUtf8,
  isEpochSeconds,
  isInt64
} from './wire/text.ts'
export { isWithin, timeWindow, type TimeWindow, type Tolerance } from './wire/time.ts'
export { warnOfSiblings } from './route/siblings.ts'
export { isSecure, parseUrl } from './wire/url.ts'
export {
  exampleSecret,
  exampleTime,
  type DescribeRoute,
  type ObjectSchema,
  type RouteDocs,
  type SecurityScheme
} from './route/open-api.ts'
export { base64Key, hmacScheme, type HmacSchemeOptions } from './hmac-scheme.ts'
export {
  type Answer,
  asHook,
  createVerify,
  type ExplainLater,
  type Handshake,
  matchingKey,
  type Received,
  type Verification,
  type VerifyOptions,
  type VerifyHook
} from './route/verify.ts'
export {
  maximumDepth,
  parseWireJson,
  toWire,
  WireNumber,
  type WireObject,
  type WireValue
} from './wire/json.ts'
export {
  defineVendor,
  type DecoratorOf,
  type Guard,
  type InputOf,
  type OptionsOfVendor,
  type Vendor,
  type VendorContext,
  type VendorDecorator,
  type VendorDefinition,
  type VendorOptions,
  type VendorPlugin,
  type VerificationOf
} from './define-vendor.ts'
export {
  choice,
  count,
  flag,
  optional,
  type OptionKind,
  type OptionsOf,
  required,
  type ValuesOf
} from './route/option-kinds.ts'
