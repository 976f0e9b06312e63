import whatsapp from 'fastify-contact-center/whatsapp'
import { hexMistakes, hmacStranger } from '../hmac-stranger.ts'
import { load } from '../packages.ts'
import { header, hmac, secret } from '../parts.ts'

const { generateXHub256Sig } = load('./node_modules/whatsapp/build/utils.js') as {
  generateXHub256Sig(body: string, appSecret: string): string
}

export const whatsappStranger = hmacStranger({
  vendor: 'whatsapp',
  packages: 'whatsapp',
  decorator: 'whatsapp',
  register: async (app, now) => {
    await app.register(whatsapp, { keys: secret, now })
  },
  header: 'x-hub-signature-256',
  sign: (signed, key) => `sha256=${hmac(signed, key).toString('hex')}`,
  mistakes: hexMistakes,
  // The package's own server throws on every body; this repeats its steps before and after.
  accepts: sent =>
    generateXHub256Sig(sent.body.toString(), secret) ===
      header(sent, 'x-hub-signature-256').replace('sha256=', ''),
  stricter: {
    'prefix missing': 'the package takes a signature without sha256='
  }
})
