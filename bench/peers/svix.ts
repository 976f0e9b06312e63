import { Webhook } from 'svix'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

const webhook = new Webhook(secret)

export const peer: Peer = {
  name: 'svix',
  raw: 'text',
  note: 'SHA-256 in JavaScript; signs id and time too; parses the JSON again',
  sign (body) {
    const now = new Date()
    return postJson(body, {
      'svix-id': 'msg_1',
      'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
      'svix-signature': webhook.sign('msg_1', now, body)
    })
  },
  verify (raw, headers) {
    webhook.verify(raw, headers as Record<string, string>)
    return true
  }
}
