import { generateKeyPairSync, sign } from 'node:crypto'
import telnyx from 'fastify-contact-center/telnyx'
import { load } from '../packages.ts'
import { addMistake, parts, secret } from '../parts.ts'
import { respellBase64 } from '../random.ts'
import type { Stranger } from '../stranger.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519').privateKey
const telnyxKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')
const { TelnyxWebhook } = load('telnyx/lib/webhooks') as {
  TelnyxWebhook: new(key: string) => { verify(payload: string, headers: object): Promise<void> }
}
const telnyxWebhook = new TelnyxWebhook(telnyxKey)

export const telnyxStranger: Stranger = {
  vendor: 'telnyx',
  packages: 'telnyx',
  decorator: 'telnyx',
  register: async (app, now) => {
    await app.register(telnyx, { keys: telnyxKey, now })
  },
  request (random, now) {
    const { kind, body, time, key, signed } = parts(random, now, true)
    const signature = sign(
      null,
      Buffer.from(`${time}|${signed}`),
      key === secret ? privateKey : stranger
    )
    return addMistake(
      random,
      {
        kind,
        body,
        headers: {
          'telnyx-signature-ed25519': signature.toString('base64'),
          'telnyx-timestamp': time
        }
      },
      'telnyx-signature-ed25519',
      {
        'base64 respelled': text => respellBase64(random, text),
        hex: text => Buffer.from(text, 'base64').toString('hex'),
        'all zeros': () => Buffer.alloc(64).toString('base64')
      }
    )
  },
  async accepts ({ headers, body }) {
    await telnyxWebhook.verify(body.toString(), headers)
    return true
  },
  stricter: {
    'time with zeros': 'a time has one text',
    'base64 respelled': 'the package takes a last digit whose spare bits are not zero'
  }
}
