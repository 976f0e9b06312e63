import { type DescribeRoute, exampleSecret as secret, type Scheme } from '../kit/index.ts'
import type { IntercomInput } from './scheme.ts'

const event = {
  type: 'notification_event',
  app_id: 'a86dr8yl',
  id: 'notif_78c122d0-23ba-11e4-9464-79b01267cc2e',
  topic: 'conversation.user.created',
  created_at: 1660095873,
  delivery_attempts: 1,
  data: {
    type: 'notification_event_data',
    item: {
      type: 'conversation',
      id: '215469538',
      state: 'open',
      source: { type: 'conversation', body: 'Call me: +82 10 1234 5678' }
    }
  }
}

/** Describes a notification for OpenAPI documents. */
export function describeNotification (scheme: Scheme<IntercomInput>): DescribeRoute {
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'X-Hub-Signature',
      description:
        'sha1= and hex(HMAC-SHA1(client secret, body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.'
    },
    parts: {},
    example: {
      headers: { 'X-Hub-Signature': scheme.sign({ body: JSON.stringify(body) }, secret) },
      body
    }
  })
}
