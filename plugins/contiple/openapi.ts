import { Type } from '@sinclair/typebox'
import {
  type DescribeRoute,
  exampleSecret as secret,
  exampleTime as timestamp,
  type Scheme
} from '../kit/index.ts'
import type { ContipleInput } from './scheme.ts'
import { LookupFailure } from './schemas.ts'

const headers = Type.Object({
  'X-TC-Timestamp': Type.String({
    pattern: '^[0-9]{1,19}$',
    description: 'Epoch milliseconds, signed after the body'
  })
})

/** Describes a lookup for OpenAPI documents. */
export function describeLookup (scheme: Scheme<ContipleInput>, withUri: boolean): DescribeRoute {
  return ({ url, body = { callNum: '+821012345678' } }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: `base64(HMAC-SHA256(key, ${
        withUri ? 'path and query + ' : ''
      }body + X-TC-Timestamp)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.`
    },
    parts: { headers },
    example: {
      headers: {
        Authorization: scheme.sign({ body: JSON.stringify(body), timestamp, uri: url }, secret),
        'X-TC-Timestamp': timestamp
      },
      body
    },
    failure: LookupFailure
  })
}
