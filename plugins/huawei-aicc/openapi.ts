import { Type } from '@sinclair/typebox'
import {
  type DescribeRoute,
  exampleSecret as secret,
  exampleTime as timestamp,
  type Scheme
} from '../kit/index.ts'
import type { HuaweiAiccInput } from './scheme.ts'
import { CallbackFailure } from './schemas.ts'

const body = Type.Object({
  timestamp: Type.String({ pattern: '^[0-9]{1,19}$', description: 'Epoch milliseconds' }),
  nonce: Type.String({ minLength: 1, maxLength: 256, description: 'Different in each callback' }),
  signature: Type.String({ minLength: 44, maxLength: 44 })
})

/** The common part of the vendor's callbacks. */
const callback = {
  callSerialNo: '1234567890123456789',
  serviceNo: '',
  called: '8613800138000',
  releaseReason: '0'
}
const nonce = 'nonce-of-the-example'

/** Describes a callback for OpenAPI documents. */
export function describeCallback (scheme: Scheme<HuaweiAiccInput>): DescribeRoute {
  return ({ body: params = callback }) => ({
    security: {
      type: 'http',
      scheme: 'HMAC-SHA256',
      description:
        'In the body: signature, over timestamp, nonce and every other parameter, as base64(HMAC-SHA256(secret, secret + "_" + timestamp + "_" + nonce + "_" + parameters))'
    },
    parts: { body },
    example: {
      body: {
        ...params,
        timestamp,
        nonce,
        signature: scheme.sign({ params, timestamp, nonce }, secret)
      }
    },
    failure: CallbackFailure
  })
}
