import { type DescribeRoute, exampleSecret, exampleTime, type Scheme } from '../kit/index.ts'
import type { PublicAddress } from './address.ts'
import type { GenesysAudiohookInput } from './scheme.ts'
import { signatureInputOf } from './sign.ts'

const created = Number(exampleTime.slice(0, -3))
const uuid = '30b0e395-84d3-4570-ac13-9a62d8f514c0'
const signed = {
  'Audiohook-Organization-Id': 'd7934305-0972-4844-938e-9060eef73d05',
  'Audiohook-Session-Id': uuid,
  'Audiohook-Correlation-Id': 'e160e428-53e2-487c-977d-96989bf58210',
  'X-API-KEY': 'the-api-key-of-the-examples'
}
const signatureInput = signatureInputOf({
  keyid: signed['X-API-KEY'],
  nonce: 'VGhpc0lzQVVuaXF1ZU5vbmNl',
  created,
  expires: created + 30
})
const names = [...Object.keys(signed), 'Signature-Input']
const headers = {
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map(name => [name, { type: 'string' }]))
} as const

/** Describes, for OpenAPI documents, the request that opens a session. */
export function describeUpgrade (
  scheme: Scheme<GenesysAudiohookInput>,
  { authority, prefix }: PublicAddress = { authority: 'audiohook.example.com', prefix: '' }
): DescribeRoute {
  const secret = Buffer.from(exampleSecret).toString('base64')
  return ({ url }) => ({
    security: {
      type: 'apiKey',
      in: 'header',
      name: 'Signature',
      description:
        'HTTP message signature: base64(HMAC-SHA256(client secret, a line for each component of Signature-Input and one for @signature-params)), between colons behind its label.'
    },
    parts: { headers },
    secret,
    example: {
      headers: {
        ...signed,
        'Signature-Input': signatureInput,
        Signature: `sig1=:${
          scheme.sign({
            requestTarget: prefix + url,
            authority,
            headers: Object.fromEntries(
              Object.entries(signed).map(([name, value]) => [name.toLowerCase(), value])
            ),
            signatureInput
          }, secret)
        }:`
      }
    }
  })
}
