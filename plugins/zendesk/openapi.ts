import {
  type DescribeRoute,
  exampleSecret as secret,
  exampleTime,
  type Scheme
} from '../kit/index.ts'
import type { ZendeskInput } from './scheme.ts'
import { macHeader, timeHeader } from './sign.ts'

const timestamp = new Date(Number(exampleTime)).toISOString()
const headers = {
  type: 'object',
  required: [timeHeader],
  properties: {
    [timeHeader]: {
      type: 'string',
      format: 'date-time',
      description: 'ISO 8601 in UTC, signed before the body'
    }
  }
} as const

const event = {
  type: 'zen:event-type:ticket.created',
  account_id: 12514403,
  id: '01GX79ST1QX01C889XV42S2J5T',
  time: '2022-08-10T01:44:33Z',
  zendesk_event_version: '2022-11-06',
  subject: 'zen:ticket:35436',
  detail: { id: '35436', status: 'NEW', subject: 'Call me: +82 10 1234 5678' },
  event: {}
}

/** Describes a webhook for OpenAPI documents. */
export function describeWebhook (scheme: Scheme<ZendeskInput>): DescribeRoute {
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: macHeader,
      description:
        `base64(HMAC-SHA256(signing secret, ${timeHeader} + body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.`
    },
    parts: { headers },
    example: {
      headers: {
        [macHeader]: scheme.sign({ timestamp, body: JSON.stringify(body) }, secret),
        [timeHeader]: timestamp
      },
      body
    }
  })
}
