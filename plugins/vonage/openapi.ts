import { createHash } from 'node:crypto'
import {
  type DescribeRoute,
  exampleSecret as secret,
  exampleTime,
  type Scheme
} from '../kit/index.ts'
import type { VonageInput } from './scheme.ts'

const header = '{"alg":"HS256","typ":"JWT"}'

const event = {
  uuid: '63f61863-4a51-4f6b-86e1-46edebcf9356',
  status: 'answered',
  direction: 'inbound',
  from: '821012345678'
}

/** Describes a webhook for OpenAPI documents. */
export function describeWebhook (scheme: Scheme<VonageInput>): DescribeRoute {
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description:
        'Bearer and a JSON Web Token of HS256, whose claim payload_hash is hex(SHA256(body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.'
    },
    parts: {},
    example: { headers: { Authorization: authorization(scheme, JSON.stringify(body)) }, body }
  })
}

function authorization (scheme: Scheme<VonageInput>, body: string): string {
  const claims = JSON.stringify({
    iat: Number(exampleTime.slice(0, -3)),
    jti: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5',
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(body).digest('hex'),
    api_key: 'a1b2c3d4'
  })
  const token = [
    ...[header, claims].map(text => Buffer.from(text).toString('base64url')),
    scheme.sign({ header, claims, body }, secret)
  ]
  return `Bearer ${token.join('.')}`
}
