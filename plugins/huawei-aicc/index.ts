import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type CommonOptions,
  createVerify,
  type Failure,
  type FailureReply,
  flag,
  installVendor,
  isBase64Sha256,
  isInt64,
  markVerifyHook,
  matchingKey,
  oneOf,
  OptionInvalid,
  readCommonOptions,
  type Received,
  refuseInputErrors,
  type Scheme,
  signingKey,
  malformed,
  missing,
  type Verification,
  type WindowOption,
  WireNumber,
  type WireObject
} from '../kit/index.ts'
import { createExplainLog } from '../kit/explain/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import { keepWire, readCallback, watchLists } from './callback-body.ts'
import { createCall, type CreateCall, type CreateCallOptions } from './create-call.ts'
import { signedNames, wireParams } from './params.ts'
import { describeCallback } from './openapi.ts'
import { createScheme, type HuaweiAiccInput, type HuaweiAiccSchemeOptions } from './scheme.ts'
import * as schemas from './schemas.ts'
import { createVerifyUnsigned, type UnsignedOptions, watchUnsignedRoutes } from './unsigned.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { formatCallTime, parseCallTime } from './call-time.ts'
export {
  CallFailed,
  CallRefused,
  CallTimedOut,
  createCall,
  type CreateCall,
  type CreateCallOptions
} from './create-call.ts'
export { UnknownCall, type Unsigned, UnsignedRefused } from './gate.ts'
export type { NumberText } from './java-text.ts'
export {
  createScheme,
  scheme,
  type HuaweiAiccInput,
  type HuaweiAiccSchemeOptions
} from './scheme.ts'
export * from './schemas.ts'
export type { UnsignedOptions } from './unsigned.ts'

/**
 * `tolerance` is 300000 ms on both sides by default: the vendor documents none. Repeated
 * callbacks are refused by default. `url` and `accessToken` are for createCall.
 */
export interface HuaweiAiccOptions
  extends
    CommonOptions<HuaweiAiccDecorator>,
    WindowOption,
    HuaweiAiccSchemeOptions,
    UnsignedOptions,
    Partial<CreateCallOptions> {}

export interface HuaweiAiccDecorator {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`: throws unless the callback
   * is signed by the vendor.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /**
   * Hook for the same places, for callbacks that the vendor never signs: throws unless they
   * come through the gate of the option `unsigned`. `request.verification` stays null.
   */
  verifyUnsigned: (request: FastifyRequest) => Promise<void>
  /**
   * Hook for `preSerialization`: {@link HuaweiAiccDecorator.signCallback} over the payload. Replies
   * of status 400 and above pass unsigned.
   */
  sign: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>
  /**
   * The parameters with `timestamp` (now by default), `nonce` (random by default) and `signature`.
   * Looked-up keys need the request. Throws {@link InputError} for what cannot be signed safely,
   * and `TypeError` unless the parameters are an object's own properties.
   */
  signCallback: <T extends object>(
    params: T,
    options?: { timestamp?: string, nonce?: string, request?: FastifyRequest }
  ) => Promise<T & SignatureParts>
  /**
   * The id of the key that made the signature, or null. Looks at neither time nor replay. Looked-up
   * keys need the request. Throws {@link InputError} for input that the scheme refuses, such as a
   * nonce with an underscore.
   */
  verifyInput: (
    input: HuaweiAiccInput,
    signature: string,
    request?: FastifyRequest
  ) => Promise<string | null>
  /**
   * Asks the vendor for a call. Rejects where the options `url` and `accessToken` were not given.
   */
  createCall: CreateCall
  readonly scheme: Scheme<HuaweiAiccInput>
  readonly schemas: typeof schemas
}

/** What `request.verification` is behind this plugin's `verify`. */
export type HuaweiAiccVerification = Verification & {
  readonly scheme: 'huawei-aicc',
  readonly signedAt: number,
  readonly nonce: string
}

/** The parameters that make a callback a signed one. */
export interface SignatureParts {
  /** Epoch milliseconds. */
  timestamp: string
  nonce: string
  signature: string
}

declare module 'fastify' {
  interface FastifyInstance {
    huaweiAicc: HuaweiAiccDecorator
  }
}

const huaweiAicc: FastifyPluginAsync<HuaweiAiccOptions> = async function huaweiAicc (app, options) {
  const settings = readCommonOptions(options, {
    vendor: 'huawei-aicc',
    decorator: 'huaweiAicc',
    own: [
      'numbers',
      'strict',
      'unsigned',
      'isKnownCall',
      'url',
      'allowHttp',
      'accessToken',
      'appKey',
      'fetch',
      'timeoutMs'
    ],
    published: [],
    defaultTolerance: 300_000,
    replayByDefault: true
  })
  const { keys, now } = settings
  const numbers = oneOf('huawei-aicc', 'numbers', options.numbers ?? 'literal', ['literal', 'java'])
  const scheme = createScheme({
    numbers,
    strict: flag('huawei-aicc', 'strict', options.strict ?? true)
  })

  const decorator: HuaweiAiccDecorator = {
    scheme,
    schemas,
    verify: createVerify({
      settings,
      scheme,
      read,
      explainLater: createExplainLog(settings, scheme, createDiagnosis({ numbers })),
      accepted: (request, { input }) => keepWire(request, wireParams(input.params))
    }),
    verifyUnsigned: createVerifyUnsigned(settings, options),
    async verifyInput (input, signature, request) {
      return matchingKey(scheme, input, signature, (await keys.at(now(), request)).keys)?.id ?? null
    },
    async signCallback (
      params,
      { timestamp = String(now()), nonce = randomBytes(16).toString('hex'), request } = {}
    ) {
      assertOwnProperties(params)
      const { secret } = await signingKey(keys, now(), request)
      return {
        ...params,
        timestamp,
        nonce,
        signature: scheme.sign({ params, timestamp, nonce }, secret)
      }
    },
    async sign (request, reply, payload) {
      return reply.statusCode < 400
        ? await refuseInputErrors(() => decorator.signCallback(payload as object, { request }))
        : payload
    },
    createCall: callClient(options)
  }
  // Before the kit's own look at routes, which acts on what this one sets.
  markVerifyHook(decorator.verifyUnsigned)
  watchUnsignedRoutes(app, settings.as, decorator.verifyUnsigned, options)
  watchLists(app, [decorator.verify, decorator.verifyUnsigned])
  installVendor(app, {
    settings,
    scheme,
    sample: { params: {}, timestamp: '0', nonce: '0' },
    decorator,
    capture: true,
    replyTo,
    describe: describeCallback(scheme)
  })
}

export default fp(huaweiAicc, { fastify: '5.x', name: 'fastify-contact-center/huawei-aicc' })

function read (request: FastifyRequest): Received<HuaweiAiccInput> {
  const params = readCallback(request)
  const signature = part(params, 'signature')
  if (!isBase64Sha256(signature)) {
    throw malformed('signature is not 44 characters of padded standard base64')
  }
  const timestamp = part(params, 'timestamp')
  if (!isInt64(timestamp)) throw malformed('timestamp is not 1 to 19 digits of at most 2^63-1')
  const nonce = part(params, 'nonce')
  return {
    input: { params, timestamp, nonce },
    signature,
    timestamp,
    nonce,
    once: nonce,
    covered: [...signedNames(params), 'timestamp', 'nonce']
  }
}

function part (params: WireObject, name: string): string {
  const value = params.get(name)
  if (value === undefined || value === null || value === '') throw missing(name)
  // Only the time may be a number; the digits are signed as they came.
  const text = value instanceof WireNumber && name === 'timestamp' ? value.text : value
  if (typeof text !== 'string') throw malformed(`${name} is not text`)
  return text
}

/**
 * What is signed is what the object would be as JSON, what is returned are its properties: a list,
 * a Map or a Date has other ones.
 */
function assertOwnProperties (params: { toJSON?: unknown }): void {
  if (
    typeof params !== 'object' || params === null || Symbol.iterator in params ||
    typeof params.toJSON === 'function'
  ) throw new TypeError('params must be an object whose properties are the parameters')
}

function callClient (
  { url = '', allowHttp, accessToken = '', appKey, fetch, timeoutMs }: HuaweiAiccOptions
): CreateCall {
  if (url === '' && accessToken === '') {
    return async () => {
      throw new OptionInvalid(
        'huawei-aicc',
        'options "url" and "accessToken" are needed for createCall'
      )
    }
  }
  return createCall({
    url,
    accessToken,
    ...allowHttp !== undefined && { allowHttp },
    ...appKey !== undefined && { appKey },
    ...fetch && { fetch },
    ...timeoutMs !== undefined && { timeoutMs }
  })
}

/** The vendor reads `retCode`; its meaning beyond "not 0" is open, so it holds the status. */
function replyTo ({ status, code, message }: Failure): FailureReply {
  return { status, body: { retCode: String(status), retMsg: `${code}: ${message}` } }
}
