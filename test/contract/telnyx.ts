import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import telnyx, { createScheme, scheme, type TelnyxInput } from 'fastify-contact-center/telnyx'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

/** The private keys to the suite's public keys, as Telnyx would hold them. */
const privateKeys = new Map<string, KeyObject>()

const secrets = new Map<string, string>()

function secretOf (text: string): string {
  const secret = secrets.get(text) ?? makeKeys(text)
  secrets.set(text, secret)
  return secret
}

function makeKeys (text: string): string {
  const privateKey = createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      createHash('sha256').update(text).digest()
    ]),
    format: 'der',
    type: 'pkcs8'
  })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const secret = publicKey.subarray(-32).toString('base64')
  privateKeys.set(secret, privateKey)
  return secret
}

function signAsTelnyx (input: TelnyxInput, secret: string): string {
  const key = privateKeys.get(secret)
  if (key === undefined) throw new TypeError('no key of the suite')
  const text = Buffer.concat([Buffer.from(`${input.timestamp}|`), Buffer.from(input.body)])
  return sign(null, text, key).toString('base64')
}

export const schemes: Record<string, SchemeContract<TelnyxInput>> = {
  'of time and body': {
    createScheme,
    secretOf,
    sign: signAsTelnyx,
    vectors: vectorsOf<TelnyxInput>('telnyx'),
    input: { body, timestamp: '1660095873' },
    changed: [...changedBodies, { timestamp: '1660095874' }],
    illFormed: [...illFormedBodies, { timestamp: '\udc00' }, { timestamp: 'soon' }]
  }
}

export const plugins: Record<string, PluginContract> = {
  'an event': {
    scheme,
    secretOf,
    build: webhookApp(telnyx, 'telnyx'),
    sign ({ secret, time }) {
      const timestamp = String(Math.floor(time / 1000))
      return webhook({
        'telnyx-signature-ed25519': signAsTelnyx({ body, timestamp }, secret),
        'telnyx-timestamp': timestamp
      }, body)
    },
    signature: { in: 'header', name: 'telnyx-signature-ed25519' },
    covered: [{ in: 'body' }, { in: 'header', name: 'telnyx-timestamp' }],
    timeStepMs: 1000,
    variations
  }
}
