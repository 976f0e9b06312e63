import { createHash } from 'node:crypto'
import twilio from 'twilio'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

const origin = 'https://hooks.example.com'

export const peer: Peer = {
  name: 'twilio',
  raw: 'text',
  note: 'SHA-256 of the body in the URL, HMAC-SHA-1 of the URL; no time',
  sign (body) {
    const path = `/?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    return postJson(body, {
      'x-twilio-signature': twilio.getExpectedTwilioSignature(secret, origin + path, {})
    }, path)
  },
  verify: (raw, headers, path) =>
    twilio.validateRequestWithBody(
      secret,
      headers['x-twilio-signature'] ?? '',
      origin + path,
      String(raw)
    )
}
