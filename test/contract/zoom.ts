import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import zoom, { createScheme, scheme, type ZoomInput } from 'fastify-contact-center/zoom'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

export const schemes: Record<string, SchemeContract<ZoomInput>> = {
  'of time and body': {
    createScheme,
    vectors: vectorsOf<ZoomInput>('zoom'),
    input: { body, timestamp: '1660095873' },
    changed: [...changedBodies, { timestamp: '1660095874' }],
    illFormed: [...illFormedBodies, { timestamp: '\udc00' }, { timestamp: 'soon' }]
  }
}

export const plugins: Record<string, PluginContract> = {
  'an event': {
    scheme,
    build: webhookApp(zoom, 'zoom'),
    sign ({ secret, time }) {
      const timestamp = String(Math.floor(time / 1000))
      return webhook({
        'x-zm-signature': scheme.sign({ body, timestamp }, secret),
        'x-zm-request-timestamp': timestamp
      }, body)
    },
    signature: { in: 'header', name: 'x-zm-signature' },
    covered: [{ in: 'body' }, { in: 'header', name: 'x-zm-request-timestamp' }],
    timeStepMs: 1000,
    variations
  }
}
