import { type DescribeRoute, exampleSecret as secret, type Scheme } from '../kit/index.ts'
import type { WhatsappInput } from './scheme.ts'

const event = {
  object: 'whatsapp_business_account',
  entry: [{
    id: '102290129340398',
    changes: [{
      field: 'messages',
      value: {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: '821012345678', phone_number_id: '106540352242922' },
        messages: [{
          id: 'wamid.HBgL',
          from: '4799999999',
          timestamp: '1660095873',
          type: 'text',
          text: { body: 'Hello' }
        }]
      }
    }]
  }]
}

/** Describes a notification for OpenAPI documents. */
export function describeNotification (scheme: Scheme<WhatsappInput>): DescribeRoute {
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'X-Hub-Signature-256',
      description:
        'sha256= and hex(HMAC-SHA256(app secret, body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.'
    },
    parts: {},
    example: {
      headers: { 'X-Hub-Signature-256': scheme.sign({ body: JSON.stringify(body) }, secret) },
      body
    }
  })
}
