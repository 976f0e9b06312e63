import line from 'fastify-contact-center/line'
import { hmacStranger } from '../hmac-stranger.ts'
import { load } from '../packages.ts'
import { header, hmac, secret } from '../parts.ts'
import { respellBase64 } from '../random.ts'

const { validateSignature } = load('@line/bot-sdk') as {
  validateSignature(body: Buffer, channelSecret: string, signature: string): boolean
}
const lenient = 'the package takes any spelling of base64: a copy could look new to a replay store'

export const lineStranger = hmacStranger({
  vendor: 'line',
  packages: '@line/bot-sdk',
  decorator: 'line',
  register: async (app, now) => {
    await app.register(line, { keys: secret, now })
  },
  header: 'x-line-signature',
  sign: (signed, key) => hmac(signed, key).toString('base64'),
  mistakes: {
    hex: text => Buffer.from(text, 'base64').toString('hex'),
    'prefix of another': text => `sha256=${text}`
  },
  respell: respellBase64,
  accepts: sent => validateSignature(sent.body, secret, header(sent, 'x-line-signature')),
  stricter: {
    'base64 respelled': lenient,
    'signature cut': lenient,
    'signature twice': 'the package gets both as one text, of which Node decodes the first',
    'not UTF-8': 'a handler would see other text than was signed'
  }
})
