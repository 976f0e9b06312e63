import { createHash } from 'node:crypto'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import vonage, { createScheme, scheme, type VonageInput } from 'fastify-contact-center/vonage'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

const header = '{"alg":"HS256","typ":"JWT"}'
const claimsAt = (seconds: number, payload = body): string =>
  JSON.stringify({
    iat: seconds,
    jti: 'c5ba8f24',
    payload_hash: createHash('sha256').update(payload).digest('hex')
  })
const claims = claimsAt(1660095873)

export const schemes: Record<string, SchemeContract<VonageInput>> = {
  'of a token': {
    createScheme,
    vectors: vectorsOf<VonageInput>('vonage'),
    input: { header, claims, body },
    changed: [
      ...changedBodies,
      { header: '{"typ":"JWT","alg":"HS256"}' },
      { header: `${header} ` },
      { claims: claimsAt(1660095874) },
      { claims: `${claims} ` },
      { claims: claimsAt(1660095873, '{"event":"2"}'), body: '{"event":"2"}' }
    ],
    illFormed: [
      ...illFormedBodies,
      { header: '{"alg":"HS256","x":"\ud800"}' },
      { claims: claims.replace('c5', '\udc00') },
      { header: '{"alg":"none"}' },
      { header: '{"alg":"HS512"}' },
      { header: '{"alg":"RS256"}' },
      { header: '{"alg":"HS256","crit":["exp"]}' },
      { header: '[]' },
      { header: '{' },
      { claims: 'null' },
      { claims: '{"iat":"1660095873","jti":"1"}' },
      { claims: '{"iat":1660095873,"jti":1}' },
      { claims: '{"iat":1660095873,"jti":"1","exp":1.5}' }
    ]
  }
}

export const plugins: Record<string, PluginContract> = {
  'a webhook': {
    scheme,
    build: webhookApp(vonage, 'vonage'),
    sign ({ secret, time }) {
      const signed = claimsAt(Math.floor(time / 1000))
      const token = [
        ...[header, signed].map(text => Buffer.from(text).toString('base64url')),
        scheme.sign({ header, claims: signed, body }, secret)
      ]
      return webhook({ authorization: `Bearer ${token.join('.')}` }, body)
    },
    signature: { in: 'header', name: 'authorization' },
    covered: [{ in: 'body' }],
    timeStepMs: 1000,
    variations
  }
}
