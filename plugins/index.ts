/** Every vendor that the package knows, by the name of its subpath. */
export const vendors = [
  'oracle-csc',
  'contiple',
  'online-contact',
  'itx-chat',
  'huawei-aicc',
  'zoom',
  'whatsapp',
  'line',
  'standard-webhooks',
  'telnyx',
  'vonage',
  'twilio',
  'zendesk',
  'intercom',
  'genesys-audiohook'
] as const

/** The name of a vendor: its subpath, and `vendor` in outcomes. */
export type VendorName = typeof vendors[number]

export type { FastifyErrorConstructor } from '@fastify/error'
export {
  BodyNotCaptured,
  BodyTooLarge,
  ContentEncodingRefused,
  InProgress,
  InputRefused,
  KeysUnavailable,
  MediaTypeRefused,
  OptionInvalid,
  Replayed,
  ReplayStoreUnavailable,
  SignatureInvalid,
  SignatureMalformed,
  SignatureMissing,
  TimestampOutOfWindow
} from './kit/errors.ts'
export type { ClaimedKey, KeyCacheOptions, KeyResolver, TenantOf } from './kit/keys/key-resolver.ts'
export type { Key, Keys } from './kit/keys/key-ring.ts'
export { memoryStore, type MemoryStoreOptions } from './kit/replay/memory.ts'
export type { RedisClient } from './kit/replay/redis-client.ts'
export { redisStore, type RedisStoreOptions } from './kit/replay/redis.ts'
export type { ExpiringStore } from './kit/replay/store.ts'
export { capturedBody, provideBody } from './kit/route/capture.ts'
export type { ContactCenterRouteConfig } from './kit/route/install.ts'
export { settleClaim } from './kit/route/claims.ts'
export { type Outcome, verificationChannel } from './kit/route/outcomes.ts'
export { assertProtected, type ProtectOptions } from './kit/route/protect.ts'
export type { Verification } from './kit/route/verify.ts'
export { InputError, type Limit, limits } from './kit/scheme.ts'
export type { Tolerance } from './kit/wire/time.ts'
