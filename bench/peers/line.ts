import { createHmac } from 'node:crypto'
import { validateSignature } from '@line/bot-sdk'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

export const peer: Peer = {
  name: '@line/bot-sdk',
  raw: 'bytes',
  note: 'no time in the signature',
  sign: body =>
    postJson(body, {
      'x-line-signature': createHmac('sha256', secret).update(body).digest('base64')
    }),
  verify: (raw, headers) => validateSignature(raw, secret, headers['x-line-signature'] ?? '')
}
