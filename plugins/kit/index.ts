/**
 * The exports of `fastify-contact-center/kit`, for authors of vendors. docs/reference/kit.md
 * documents each name, in this order.
 */
export {
  type DecoratorOf,
  defineVendor,
  type OptionsOfVendor,
  type VendorContext,
  type VerificationOf
} from './define-vendor.ts'
export type { Received } from './route/verify.ts'

export { choice, count, flag, optional, required, type ValuesOf } from './route/option-kinds.ts'

export { hmacScheme } from './hmac-scheme.ts'
export { InputError, type Scheme, type Verifier } from './scheme.ts'
export { assertBody, type Body } from './wire/body.ts'
export { equalText } from './wire/mac.ts'
export { assertSecret, assertWellFormed } from './wire/text.ts'

export { secondsHeader, shapedHeader, signatureHeader, singleHeader } from './wire/headers.ts'
export { assertMediaType } from './wire/media-type.ts'
export { capturedBody } from './route/capture.ts'
export { signedJson } from './route/signed-json.ts'
export { decodeUtf8, isEpochSeconds, isInt64 } from './wire/text.ts'
export { parseForm, parseQuery } from './wire/form.ts'
export { parseWireJson, WireNumber } from './wire/json.ts'
export { parseUrl } from './wire/url.ts'
export { malformed, missing } from './errors.ts'

export { plainFailure } from './route/plain-failure.ts'
export { signReply } from './route/sign-reply.ts'
export { type DescribeRoute, exampleSecret, exampleTime } from './route/openapi.ts'

// So that projects find the names of `fastify-contact-center/types`.
export type {} from './types.ts'
