import { createError, type FastifyErrorConstructor } from '@fastify/error'
import { InputError } from './scheme.ts'

/**
 * The one table of errors. Texts are public and fixed: they reach the caller
 * verbatim, so they never say which of several checks a forger came close to
 * passing, nor quote anything received. The reason goes to the log as `cause`. Refusals
 * have no stack: forged requests must not cost more than real ones.
 */
export const SignatureMissing = define(
  'FST_CC_SIGNATURE_MISSING',
  'A required part of the signature is missing',
  401
)
export const SignatureMalformed = define(
  'FST_CC_SIGNATURE_MALFORMED',
  'A part of the signature is malformed or repeated',
  401
)
export const SignatureInvalid = define(
  'FST_CC_SIGNATURE_INVALID',
  'The signature does not match',
  401
)
export const TimestampOutOfWindow = define(
  'FST_CC_TIMESTAMP_OUT_OF_WINDOW',
  'The timestamp is outside the accepted window',
  401
)
export const Replayed = define('FST_CC_REPLAYED', 'The request was already accepted', 401)
export const InputRefused = define('FST_CC_INPUT_REFUSED', 'The signed input is refused', 400)
export const ContentEncodingRefused = define(
  'FST_CC_CONTENT_ENCODING',
  'A signed body must not carry a Content-Encoding',
  415
)
export const KeysUnavailable = define('FST_CC_KEYS_UNAVAILABLE', 'The keys are unavailable', 503)
export const ReplayStoreUnavailable = define(
  'FST_CC_REPLAY_STORE_UNAVAILABLE',
  'The replay store is unavailable',
  503
)
export const BodyNotCaptured = define(
  'FST_CC_BODY_NOT_CAPTURED',
  'The request body was not captured',
  500
)
/** Thrown while registering; the text names the plugin, the option and what it takes. */
export const OptionInvalid = define('FST_CC_OPTION_INVALID', '%s: %s', 500)

/** A refusal for a part that is not there, named for the log. */
export function missing (part: string): Error {
  return new SignatureMissing({ cause: because(`${part} is missing`) })
}

/** A refusal for its shape; the reason is for the log and never quotes what was received. */
export function malformed (reason: string): Error {
  return new SignatureMalformed({ cause: because(reason) })
}

/**
 * Does a step that signs or reads, also one that takes its time, and answers for what cannot be
 * signed safely. @throws {InputRefused} in place of an `InputError`
 */
export function refusing<T> (step: () => T): T {
  try {
    const result = step()
    return result instanceof Promise ? result.catch(refuse) as T : result
  } catch (error) {
    return refuse(error)
  }
}

function refuse (cause: unknown): never {
  throw cause instanceof InputError ? new InputRefused({ cause }) : cause
}

/**
 * The cause of a refusal. Where in the code it was found tells nobody anything, and a stack costs
 * more than a signature.
 */
export function because (reason: string): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return new Error(reason)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

type Arguments = [...text: string[]] | [...text: string[], options: { cause: unknown }] | [
  options: { cause: unknown }
]

function define (
  code: string,
  text: string,
  statusCode: number
): FastifyErrorConstructor<{ code: string, statusCode: number }, Arguments> {
  return createError<Arguments>(
    code,
    text,
    statusCode,
    Error,
    statusCode >= 500
  ) as FastifyErrorConstructor<{ code: string, statusCode: number }, Arguments>
}
