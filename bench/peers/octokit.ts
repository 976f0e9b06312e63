import { createHmac } from 'node:crypto'
import { verify } from '@octokit/webhooks-methods'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

export const peer: Peer = {
  name: '@octokit/webhooks-methods',
  raw: 'text',
  note: 'no time in the signature',
  sign: body =>
    postJson(body, {
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    }),
  verify: async (raw, headers) =>
    await verify(secret, String(raw), headers['x-hub-signature-256'] ?? '')
}
