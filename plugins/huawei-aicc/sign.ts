import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OptionInvalid, refuseInputErrors } from '../kit/errors.ts'
import type { VendorContext } from '../kit/index.ts'
import { createCall, type CreateCall } from './create-call.ts'
import type { HuaweiAiccValues } from './options.ts'
import type { HuaweiAiccInput } from './scheme.ts'

/** The parameters that carry a callback's signature. */
export interface SignatureParts {
  /** Epoch milliseconds. */
  timestamp: string
  nonce: string
  signature: string
}

/** The decorator's functions for signing. */
export interface SignFunctions {
  /**
   * Hook for `preSerialization`: applies {@link SignFunctions.signCallback} to the payload. Replies
   * of status 400 and above stay unsigned.
   */
  sign(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>
  /**
   * The parameters with `timestamp` (default now), `nonce` (default random) and `signature`. Keys
   * that are looked up need the request. Throws {@link InputError} for parameters that cannot be
   * signed safely, and `TypeError` unless they are an object's own properties.
   */
  signCallback<T extends object>(
    params: T,
    options?: { timestamp?: string, nonce?: string, request?: FastifyRequest }
  ): Promise<T & SignatureParts>
  /** Asks the vendor for a call. Rejects if the options `url` and `accessToken` are missing. */
  createCall: CreateCall
}

/** Signs callbacks as Huawei AICC does, and asks it for calls. */
export function signFunctions (
  { options, now, sign }: VendorContext<HuaweiAiccInput, HuaweiAiccValues>
): SignFunctions {
  const signCallback: SignFunctions['signCallback'] = async (params, overrides = {}) => {
    const { timestamp = String(now()), nonce = randomBytes(16).toString('hex'), request } =
      overrides
    assertOwnProperties(params)
    const signature = await sign({ params, timestamp, nonce }, request)
    return { ...params, timestamp, nonce, signature }
  }

  return {
    signCallback,
    async sign (request, reply, payload) {
      if (reply.statusCode >= 400) return payload
      return await refuseInputErrors(() => signCallback(payload as object, { request }))
    },
    createCall: createCallClient(options)
  }
}

/**
 * The object is signed as its JSON but returned with its own properties. For a list, a Map or a
 * Date the two differ.
 */
function assertOwnProperties (params: { toJSON?: unknown }): void {
  if (
    typeof params !== 'object' || params === null || Symbol.iterator in params ||
    typeof params.toJSON === 'function'
  ) {
    throw new TypeError('params must be an object whose properties are the parameters')
  }
}

function createCallClient (
  { url = '', accessToken = '', allowHttp, appKey, fetch, timeoutMs }: HuaweiAiccValues
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
    ...fetch !== undefined && { fetch },
    ...timeoutMs !== undefined && { timeoutMs }
  })
}
