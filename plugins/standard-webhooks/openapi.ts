import { type DescribeRoute, exampleSecret, exampleTime, type Scheme } from '../kit/index.ts'
import type { HeaderNames } from './diagnosis.ts'
import type { StandardWebhooksInput } from './scheme.ts'

const secret = `whsec_${Buffer.from(exampleSecret).toString('base64')}`
const timestamp = exampleTime.slice(0, -3)
const id = 'msg_1'

const event = {
  type: 'call.started',
  timestamp: '2022-08-10T01:44:33.001Z',
  data: { from: '+821012345678' }
}

/** Describes a webhook for OpenAPI documents. */
export function describeWebhook (
  scheme: Scheme<StandardWebhooksInput>,
  names: HeaderNames
): DescribeRoute {
  const text = (description: string) => ({ type: 'string', description })
  const headers = {
    type: 'object',
    required: [`${names}-id`, `${names}-timestamp`],
    properties: {
      [`${names}-id`]: text('The id of the message, the same in each attempt'),
      [`${names}-timestamp`]: text('Epoch seconds')
    }
  }
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: `${names}-signature`,
      description:
        `v1, and base64(HMAC-SHA256(key, ${names}-id + "." + ${names}-timestamp + "." + body)), where body is the exact bytes that are sent. Several are separated by spaces. The examples sign the output of JSON.stringify.`
    },
    parts: { headers },
    secret,
    example: {
      headers: {
        [`${names}-id`]: id,
        [`${names}-timestamp`]: timestamp,
        [`${names}-signature`]: scheme.sign({ id, timestamp, body: JSON.stringify(body) }, secret)
      },
      body
    }
  })
}
