import { createHmac } from 'node:crypto'
import { WebhookVerificationService } from '@hookflo/tern'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

const config = {
  platform: 'github',
  secret,
  signatureConfig: {
    algorithm: 'hmac-sha256',
    headerName: 'x-hub-signature-256',
    headerFormat: 'prefixed',
    prefix: 'sha256=',
    payloadFormat: 'raw'
  }
} as const

export const peer: Peer = {
  name: '@hookflo/tern',
  raw: 'text',
  note: 'takes a web Request, which has to be made first; parses the JSON again; no time',
  sign: body =>
    postJson(body, {
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    }),
  async verify (raw, headers) {
    const request = new Request('https://hooks.example.com/', {
      method: 'POST',
      body: String(raw),
      headers: { 'x-hub-signature-256': headers['x-hub-signature-256'] ?? '' }
    })
    return (await WebhookVerificationService.verify(request, config)).isValid
  }
}
