import standardWebhooks from 'fastify-contact-center/standard-webhooks'
import { load } from '../packages.ts'
import { hmac, addMistake, otherSecret, parts, secret } from '../parts.ts'
import { pick, respellBase64, randomInteger } from '../random.ts'
import type { Stranger } from '../stranger.ts'

const keyBytes = Buffer.from('the bytes of the key of standard')
const whsec = `whsec_${keyBytes.toString('base64')}`
type WebhookClass = new(secret: string) => {
  verify(payload: Buffer, headers: object): unknown
}
const { Webhook } = load('standardwebhooks') as { Webhook: WebhookClass }
const svix = load('svix') as { Webhook: WebhookClass }
const verifiers = [new Webhook(whsec), new svix.Webhook(whsec)]
const parsed = 'the package reads the time by parseInt; the text that is sent is what is signed'
const junk = 'the package passes over text that is no signature; no sender writes it'

export const standardStranger: Stranger = {
  vendor: 'standard-webhooks',
  packages: 'standardwebhooks, svix',
  decorator: 'standardWebhooks',
  register: async (app, now) => {
    await app.register(standardWebhooks, { keys: whsec, now, replay: false })
  },
  request (random, now) {
    const { kind, body, time, key, signed } = parts(random, now, true)
    const dotted = kind === 'genuine' && random() < 0.1
    const id = dotted ? 'msg.1' : `msg_${randomInteger(random, 1, 1e6)}`
    // The packages sign the parsed number.
    const signedTime = kind.startsWith('time ') && random() < 0.5
      ? String(parseInt(time, 10))
      : time
    const mac = (key_: string | Uint8Array): string =>
      `v1,${hmac(`${id}.${signedTime}.${signed}`, key_).toString('base64')}`
    return addMistake(
      random,
      {
        kind: dotted ? 'full stop in the id' : kind,
        body,
        headers: {
          'webhook-id': id,
          'webhook-timestamp': time,
          'webhook-signature': mac(key === secret ? keyBytes : key)
        }
      },
      'webhook-signature',
      {
        'several signatures': text =>
          pick(random, [`${mac(otherSecret)} ${text}`, `${text} ${mac(otherSecret)}`]),
        'other versions too': text => `v1a,${'A'.repeat(86)}== ${text}`,
        'more than ten signatures': text => `${`${mac(otherSecret)} `.repeat(10)}${text}`,
        'only others': () => `${mac(otherSecret)} v1a,AAAA`,
        'blanks between': text => pick(random, [`${mac(otherSecret)}  ${text}`, `${text} `]),
        'junk beside': text => pick(random, [`junk ${text}`, `${text},junk`, `v1,x ${text}`]),
        'base64 respelled': text => `v1,${respellBase64(random, text.slice(3))}`,
        'prefix missing': text => text.slice(3),
        'prefix of another': text => `v1=${text.slice(3)}`,
        hex: text => `v1,${Buffer.from(text.slice(3), 'base64').toString('hex')}`
      }
    )
  },
  accepts ({ headers, body }) {
    const verdicts = verifiers.map(verifier => {
      try {
        verifier.verify(body, headers)
        return true
      } catch {
        return false
      }
    })
    if (new Set(verdicts).size > 1) throw new Error('the two packages disagree')
    return verdicts[0] === true
  },
  stricter: {
    'time with zeros': parsed,
    'time with letters': parsed,
    'time with a fraction': parsed,
    'time with a sign': parsed,
    'time with a blank': parsed,
    'full stop in the id': 'the border between id and time would be open',
    'more than ten signatures': 'each costs a comparison',
    'blanks between': junk,
    'junk beside': junk,
    'base64 respelled': `${junk}, such as a further blank`,
    'signature twice': 'two headers would have to be read as one'
  }
}
