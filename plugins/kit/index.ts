export { captureBody, capturedBody } from './capture.ts'
export type { Diagnosis, Digest, HttpMessage, Reason, Spelling, Variant } from './diagnosis.ts'
export * from './errors.ts'
export { explain, type Explanation, type Hints } from './explain.ts'
export type { Failure, FailureReply } from './failure.ts'
export { parseForm, parseFormPairs, parseQuery } from './form.ts'
export { singleHeader } from './headers.ts'
export { installVendor, type ContactCenterRouteConfig, type Installation } from './install.ts'
export {
  keyRing,
  signingKey,
  type Key,
  type KeyPolicy,
  type KeyRing,
  type Keys,
  type ValidKeys
} from './keys.ts'
export type { KeyCacheOptions, KeyResolver } from './key-resolver.ts'
export {
  decodeBase64,
  decodeBase64Sha256,
  equalBytes,
  equalText,
  hmacSha256,
  hmacSha256Base64,
  isBase64Sha256
} from './mac.ts'
export { decodings } from './mistakes.ts'
export {
  flag,
  oneOf,
  positiveInteger,
  readCommonOptions,
  type CommonOptions,
  type DecoratorName,
  type OptionsPolicy,
  type RememberOption,
  type Settings,
  type WindowOption
} from './options.ts'
export { reporting, verificationChannel, type Outcome } from './outcomes.ts'
export { assertProtected, markVerifyHook, type ProtectOptions } from './protect.ts'
export { redisCommands, type RedisOptions } from './redis.ts'
export { redisReplayStore, type RedisReplayStoreOptions } from './redis-replay.ts'
export { memoryReplayStore, type MemoryReplayStoreOptions } from './memory-replay.ts'
export type { ReplayStore } from './replay.ts'
export { assertStrict, InputError, limits, type Limit, type Scheme } from './scheme.ts'
export { assertSecret, assertUtf8, assertWellFormed, decodeUtf8, isInt64 } from './text.ts'
export { isWithin, timeWindow, type TimeWindow, type Tolerance } from './time.ts'
export { warnOfSiblings } from './siblings.ts'
export { isSecure, parseUrl } from './url.ts'
export {
  exampleSecret,
  exampleTime,
  type DescribeRoute,
  type ObjectSchema,
  type RouteDocs,
  type SecurityScheme
} from './route-docs.ts'
export {
  createVerify,
  matchingKey,
  type Received,
  type Verification,
  type VerifierOptions,
  type VerifyHook
} from './verify.ts'
export {
  maximumDepth,
  parseWireJson,
  toWire,
  WireNumber,
  type WireObject,
  type WireValue
} from './wire-json.ts'
export {
  asParsed,
  hashDigests,
  hmacSha256Digests,
  jsonWriters,
  otherOrders,
  otherTimes,
  parsedObject,
  valueMistakes
} from './wrong-clients.ts'
