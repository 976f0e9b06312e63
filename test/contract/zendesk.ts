import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import zendesk, { createScheme, scheme, type ZendeskInput } from 'fastify-contact-center/zendesk'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

const timestamp = '2024-04-17T17:18:10Z'

export const schemes: Record<string, SchemeContract<ZendeskInput>> = {
  'of time and body': {
    createScheme,
    vectors: vectorsOf<ZendeskInput>('zendesk'),
    input: { timestamp, body },
    changed: [
      ...changedBodies,
      { timestamp: '2024-04-17T17:18:11Z' },
      { timestamp: '2024-04-17T17:18:10.000Z' }
    ],
    illFormed: [...illFormedBodies, { timestamp: '\udc00' }, { timestamp: '' }]
  }
}

export const plugins: Record<string, PluginContract> = {
  'an event': {
    scheme,
    build: webhookApp(zendesk, 'zendesk'),
    sign ({ secret, time }) {
      const timestamp = new Date(time).toISOString()
      return webhook({
        'x-zendesk-webhook-signature': scheme.sign({ timestamp, body }, secret),
        'x-zendesk-webhook-signature-timestamp': timestamp
      }, body)
    },
    signature: { in: 'header', name: 'x-zendesk-webhook-signature' },
    covered: [{ in: 'body' }, { in: 'header', name: 'x-zendesk-webhook-signature-timestamp' }],
    variations
  }
}
