import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { type DescribeRoute, exampleSecret, exampleTime } from '../kit/index.ts'

const timestamp = exampleTime.slice(0, -3)
const headers = {
  type: 'object',
  required: ['telnyx-timestamp'],
  properties: {
    'telnyx-timestamp': {
      type: 'string',
      pattern: '^[0-9]{1,15}$',
      description: 'Epoch seconds, signed before the body'
    }
  }
} as const

const event = {
  data: {
    record_type: 'event',
    event_type: 'call.initiated',
    id: '0ccc7b54-4df3-4bca-a65a-3da1ecc777f0',
    occurred_at: '2022-08-10T01:44:33.001Z',
    payload: {
      call_control_id: 'v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ',
      from: '+821012345678'
    }
  }
}

/** Describes an event for OpenAPI documents. */
export function describeEvent (): DescribeRoute {
  const key = exampleKey()
  const secret = createPublicKey(key).export({ format: 'der', type: 'spki' })
    .subarray(-32).toString('base64')
  return ({ body = event }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'telnyx-signature-ed25519',
      description:
        'base64(Ed25519(private key, telnyx-timestamp + bar + body)), where body is the exact bytes that are sent. The examples sign the output of JSON.stringify.'
    },
    parts: { headers },
    secret,
    example: {
      headers: {
        'telnyx-signature-ed25519': sign(
          null,
          Buffer.from(`${timestamp}|${JSON.stringify(body)}`),
          key
        ).toString('base64'),
        'telnyx-timestamp': timestamp
      },
      body
    }
  })
}

/** A private key that anyone can derive: the SHA-256 of the examples' secret (RFC 8410). */
function exampleKey (): KeyObject {
  const seed = createHash('sha256').update(exampleSecret).digest()
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
}
