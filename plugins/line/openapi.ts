import { type DescribeRoute, exampleSecret as secret, type Scheme } from '../kit/index.ts'
import type { LineInput } from './scheme.ts'

const event = {
  destination: 'Ua5c1e4d27b9f03866d1c0b7e2f94a3d8',
  events: [{
    type: 'message',
    webhookEventId: '01FZ74A0TDDPYRVKNK77XKC3ZR',
    timestamp: 1660095873001,
    mode: 'active',
    deliveryContext: { isRedelivery: false },
    message: { id: '468789577898262530', type: 'text', text: 'Call me: +82 10 1234 5678' }
  }]
}

/** Describes a webhook for OpenAPI documents. */
export function describeWebhook (scheme: Scheme<LineInput>): DescribeRoute {
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'X-Line-Signature',
      description:
        'base64(HMAC-SHA256(channel secret, body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.'
    },
    parts: {},
    example: {
      headers: { 'X-Line-Signature': scheme.sign({ body: JSON.stringify(body) }, secret) },
      body
    }
  })
}
