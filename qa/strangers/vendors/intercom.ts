import { createHmac } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import intercom from 'fastify-contact-center/intercom'
import { hmacStranger } from '../hmac-stranger.ts'
import { load } from '../packages.ts'
import { header, hmac, secret } from '../parts.ts'

const { default: XHubSignature } = await import(
  pathToFileURL(load.resolve('x-hub-signature')).href
) as {
  default: new(algorithm: string, secret: string) => {
    verify(expectedSignature: string, requestBody: Buffer): boolean
  }
}
const xHub = new XHubSignature('sha1', secret)

export const intercomStranger = hmacStranger({
  vendor: 'intercom',
  packages: 'x-hub-signature',
  decorator: 'intercom',
  register: async (app, now) => {
    await app.register(intercom, { keys: secret, now })
  },
  header: 'x-hub-signature',
  sign: (signed, key) => `sha1=${createHmac('sha1', key).update(signed).digest('hex')}`,
  mistakes: {
    'upper-case hex': text => text.replace(/[0-9a-f]{40}/, hex => hex.toUpperCase()),
    'prefix missing': text => text.slice('sha1='.length),
    'prefix of another': text => text.replace('sha1=', 'sha256='),
    'prefix twice': text => `sha1=${text}`,
    'SHA-256': (_text, signed) => `sha256=${hmac(signed).toString('hex')}`
  },
  accepts: sent => xHub.verify(header(sent, 'x-hub-signature'), sent.body),
  stricter: {
    'not UTF-8': 'a handler would see other text than was signed'
  }
})
