import {
  type DescribeRoute,
  exampleSecret as secret,
  exampleTime,
  type Scheme
} from '../kit/index.ts'
import type { ZoomInput } from './scheme.ts'

const timestamp = exampleTime.slice(0, -3)
const headers = {
  type: 'object',
  required: ['x-zm-request-timestamp'],
  properties: {
    'x-zm-request-timestamp': {
      type: 'string',
      pattern: '^[0-9]{1,15}$',
      description: 'Epoch seconds, signed before the body'
    }
  }
} as const

const event = {
  event: 'contact_center.engagement_started',
  event_ts: 1660095873001,
  payload: {
    account_id: 'EPeQtiABC000VYxHMA',
    object: { engagement_id: 'Bq7yPmLkR0', channel: 'voice', consumer_number: '+821012345678' }
  }
}

/** Describes an event for OpenAPI documents. */
export function describeEvent (scheme: Scheme<ZoomInput>): DescribeRoute {
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'x-zm-signature',
      description:
        'v0= and hex(HMAC-SHA256(secret token, "v0:" + x-zm-request-timestamp + ":" + body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.'
    },
    parts: { headers },
    example: {
      headers: {
        'x-zm-signature': scheme.sign({ body: JSON.stringify(body), timestamp }, secret),
        'x-zm-request-timestamp': timestamp
      },
      body
    }
  })
}
