import { type DescribeRoute, exampleSecret as secret, type Scheme } from '../kit/index.ts'
import type { TwilioInput } from './scheme.ts'

const call = {
  CallSid: 'CA1234567890abcdef1234567890abcdef',
  AccountSid: 'AC1234567890abcdef1234567890abcdef',
  From: '+821012345678',
  To: '+18005551212',
  CallStatus: 'ringing'
}

const text = { type: 'string' } as const
const query = {
  type: 'object',
  required: Object.keys(call),
  properties: Object.fromEntries(Object.keys(call).map(name => [name, text]))
} as const

/** Describes a webhook for OpenAPI documents: a form, or the query of a `GET`. */
export function describeWebhook (scheme: Scheme<TwilioInput>, publicUrl: string): DescribeRoute {
  return ({ method, url: path, body = call }) => {
    const url = publicUrl + path
    const signed = {
      security: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Twilio-Signature',
        description:
          'base64(HMAC-SHA1(auth token, public URL with its query + name and value of each field of the form, sorted by name)). For a JSON body, the query has its SHA-256 in hex as bodySHA256.'
      }
    } as const
    const headers = (input: TwilioInput) => ({ 'X-Twilio-Signature': scheme.sign(input, secret) })
    if (method === 'GET' || method === 'HEAD') {
      const calledUrl = `${url}?${new URLSearchParams(call).toString()}`
      return {
        ...signed,
        parts: { querystring: query },
        example: { headers: headers({ url: calledUrl }), querystring: call }
      }
    }
    return {
      ...signed,
      parts: {},
      example: { headers: headers({ url, params: body as Record<string, string> }), body },
      consumes: ['application/x-www-form-urlencoded']
    }
  }
}
