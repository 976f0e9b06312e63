import { Webhook } from 'standardwebhooks'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

const webhook = new Webhook(secret)

export const peer: Peer = {
  name: 'standardwebhooks',
  raw: 'text',
  note: 'SHA-256 in JavaScript; signs id and time too',
  sign (body) {
    const now = new Date()
    return postJson(body, {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': webhook.sign('msg_1', now, body)
    })
  },
  verify (raw, headers) {
    // Without its own JSON.parse: Fastify has parsed the body already.
    webhook.verify(raw, headers as Record<string, string>, { jsonParse: false })
    return true
  }
}
