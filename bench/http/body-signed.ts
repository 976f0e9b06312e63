import { scheme as intercom } from '../../plugins/intercom/index.ts'
import { scheme as line } from '../../plugins/line/index.ts'
import { scheme as standardWebhooks } from '../../plugins/standard-webhooks/index.ts'
import { scheme as whatsapp } from '../../plugins/whatsapp/index.ts'
import { scheme as zendesk } from '../../plugins/zendesk/index.ts'
import { scheme as zoom } from '../../plugins/zoom/index.ts'
import { lookup, postJson, secret, webhookSecret } from '../samples.ts'
import { contiple, type Entry } from './list.ts'

const seconds = (): string => String(Math.floor(Date.now() / 1000))

/** What each vendor sends with a body. */
const headersOf: Record<string, (body: string) => Record<string, string>> = {
  intercom: body => ({ 'x-hub-signature': intercom.sign({ body }, secret) }),
  line: body => ({ 'x-line-signature': line.sign({ body }, secret) }),
  'standard-webhooks': (body) => {
    const [id, timestamp] = ['msg_1', seconds()]
    return {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': standardWebhooks.sign({ id, timestamp, body }, webhookSecret)
    }
  },
  whatsapp: body => ({ 'x-hub-signature-256': whatsapp.sign({ body }, secret) }),
  zendesk: (body) => {
    const timestamp = `${new Date().toISOString().slice(0, 19)}Z`
    return {
      'x-zendesk-webhook-signature': zendesk.sign({ body, timestamp }, secret),
      'x-zendesk-webhook-signature-timestamp': timestamp
    }
  },
  zoom: (body) => {
    const timestamp = seconds()
    return {
      'x-zm-signature': zoom.sign({ body, timestamp }, secret),
      'x-zm-request-timestamp': timestamp
    }
  }
}

/** The other vendors that sign the bytes of the body with an HMAC, on the bytes of contiple's. */
export const bodySigned: readonly Entry[] = Object.entries(headersOf).map(([name, headers]) => ({
  ...contiple,
  name,
  server: 'body-signed',
  argument: name,
  good: () => postJson(lookup(), headers(lookup())),
  bad: {
    'changed body': good => ({ ...good, body: good.body?.replace('afternoon', 'afternoom') ?? '' }),
    'no signature': good => ({ ...good, headers: { 'content-type': 'application/json' } })
  },
  note: 'the body'
}))
