import { createError, type FastifyErrorConstructor } from '@fastify/error'
import { InputError } from './scheme.ts'

// The one table of errors. Texts are public and fixed: callers get them verbatim, so they never
// reveal which of several checks failed, and quote nothing received. The reason is logged as
// `cause`. Refusals have no stack, so that forged requests do not cost more than genuine ones.

/** The signature, or another part that verification needs, is absent or empty. Status 401. */
export const SignatureMissing = defineError(
  'FST_CC_SIGNATURE_MISSING',
  'A required part of the signature is missing',
  401
)
/** A part of the signature is repeated, or not in the vendor's form. Status 401. */
export const SignatureMalformed = defineError(
  'FST_CC_SIGNATURE_MALFORMED',
  'A part of the signature is malformed or repeated',
  401
)
/** No valid key made the signature. Status 401. */
export const SignatureInvalid = defineError(
  'FST_CC_SIGNATURE_INVALID',
  'The signature does not match',
  401
)
/** The signed time is too far from now, or a signed expiry has passed. Status 401. */
export const TimestampOutOfWindow = defineError(
  'FST_CC_TIMESTAMP_OUT_OF_WINDOW',
  'The timestamp is outside the accepted window',
  401
)
/** A copy of a request that succeeded. Status 401. */
export const Replayed = defineError('FST_CC_REPLAYED', 'The request was already accepted', 401)
/** A copy of a request in progress, whose outcome is not known yet. Status 503. */
export const InProgress = defineError(
  'FST_CC_IN_PROGRESS',
  'The request is being processed',
  503,
  false
)
/** The public text of the refusal, whatever the reason. */
export const inputRefusedText = 'The signed input is refused'
/** The signed input is ambiguous or ill-formed; `cause` names the field and rule. Status 400. */
export const InputRefused = defineError('FST_CC_INPUT_REFUSED', inputRefusedText, 400)
/** The body is compressed: which bytes the signature covers is undefined. Status 415. */
export const ContentEncodingRefused = defineError(
  'FST_CC_CONTENT_ENCODING',
  'A signed body must not carry a Content-Encoding',
  415
)
/** Fastify's own error, so that the answer does not depend on the app's parsers. Status 415. */
export const MediaTypeRefused = defineError(
  'FST_ERR_CTP_INVALID_MEDIA_TYPE',
  'Unsupported Media Type',
  415
)
/** Fastify's own error too, for stream parsers, which may ignore the limit. Status 413. */
export const BodyTooLarge = defineError(
  'FST_ERR_CTP_BODY_TOO_LARGE',
  'Request body is too large',
  413
)
/** The keys were not found in time, cannot be used, or none is valid now. Status 503. */
export const KeysUnavailable = defineError(
  'FST_CC_KEYS_UNAVAILABLE',
  'The keys are unavailable',
  503
)
/** The replay store is full or does not answer. Status 503. */
export const ReplayStoreUnavailable = defineError(
  'FST_CC_REPLAY_STORE_UNAVAILABLE',
  'The replay store is unavailable',
  503
)
/** The bytes of the body were not kept; `cause` names the route's mistake. Status 500. */
export const BodyNotCaptured = defineError(
  'FST_CC_BODY_NOT_CAPTURED',
  'The request body was not captured',
  500
)
/** Thrown at registration; the text names the plugin, the option and its valid values. */
export const OptionInvalid = defineError('FST_CC_OPTION_INVALID', '%s: %s', 500)

/** The refusal of a request without this part. The log names the part. */
export function missing (part: string): Error {
  return new SignatureMissing({ cause: stacklessError(`${part} is missing`) })
}

/** The refusal of a malformed request. The reason is logged and must quote nothing received. */
export function malformed (reason: string): Error {
  return new SignatureMalformed({ cause: stacklessError(reason) })
}

/**
 * Runs a step on received input, or on a payload that is about to be sent. The refusal's message is
 * fixed, because callers get it; the reason is its `cause`.
 * @throws {InputRefused} in place of an `InputError`; an asynchronous step rejects with it
 */
export function refuseInputErrors<T> (step: () => T): T {
  return mapErrors(step, refusalOf)
}

/** The error that `refuseInputErrors` throws in place of a step's error. */
export function refusalOf (error: unknown): unknown {
  return error instanceof InputError
    ? new InputRefused({ cause: error })
    : error instanceof InputRefused
    ? new InputRefused({ cause: error.cause })
    : error
}

/**
 * Runs a step on input from the app's own code. The refusal's message names field and rule, never
 * the value.
 * @throws {InputRefused} in place of an `InputError`; an asynchronous step rejects with it
 */
export function refuseOwnInput<T> (step: () => T): T {
  return mapErrors(step, error => error instanceof InputError ? inputRefusedFor(error) : error)
}

function inputRefusedFor (cause: InputError): Error {
  const error = new InputRefused({ cause })
  error.message += `: ${cause.message}`
  // Developers of the app need the stack to find their call.
  const [, ...frames] = String(cause.stack).split('\n    at ')
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n    at ')
  return error
}

function mapErrors<T> (step: () => T, change: (error: unknown) => unknown): T {
  const rethrow = (error: unknown): never => {
    throw change(error)
  }
  try {
    const result = step()
    return result instanceof Promise ? result.catch(rethrow) as T : result
  } catch (error) {
    return rethrow(error)
  }
}

/**
 * Makes the cause of a refusal. A stack would say nothing useful, and costs more than a signature,
 * as does calling `Error` without one.
 */
export function stacklessError (reason: string): Error {
  return Object.assign(Object.create(Error.prototype) as Error, {
    message: reason,
    stack: `Error: ${reason}`
  })
}

type Arguments = [...text: string[]] | [...text: string[], options: { cause: unknown }] | [
  options: { cause: unknown }
]

function defineError (
  code: string,
  text: string,
  statusCode: number,
  hasStack = statusCode >= 500
): FastifyErrorConstructor<{ code: string, statusCode: number }, Arguments> {
  return createError<Arguments>(
    code,
    text,
    statusCode,
    Error,
    hasStack
  ) as FastifyErrorConstructor<{ code: string, statusCode: number }, Arguments>
}
