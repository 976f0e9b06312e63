import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import standardWebhooks, {
  createScheme,
  scheme,
  type StandardWebhooksInput
} from 'fastify-contact-center/standard-webhooks'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

const secretOf = (text: string): string => `whsec_${Buffer.from(text).toString('base64')}`
const input = { id: 'msg_1', timestamp: '1660095873', body }

export const schemes: Record<string, SchemeContract<StandardWebhooksInput>> = {
  'of id, time and body': {
    createScheme,
    secretOf,
    vectors: vectorsOf<StandardWebhooksInput>('standard-webhooks'),
    input,
    changed: [...changedBodies, { timestamp: '1660095874' }, { id: 'msg_2' }],
    illFormed: [
      ...illFormedBodies,
      { timestamp: '\udc00' },
      { timestamp: 'soon' },
      { id: 'msg_\ud800' },
      { id: '' }
    ],
    witnesses: {
      'unescaped-separator': {
        inputs: [{ id: 'a.1', timestamp: '2', body: '{}' }, {
          id: 'a',
          timestamp: '1',
          body: '2.{}'
        }]
      }
    }
  }
}

const plugin = (names: 'webhook' | 'svix'): PluginContract => ({
  scheme,
  secretOf,
  build: options =>
    webhookApp(standardWebhooks, 'standardWebhooks')({ headers: names, ...options } as never),
  sign ({ secret, time }) {
    const timestamp = String(Math.floor(time / 1000))
    return webhook({
      [`${names}-id`]: 'msg_1',
      [`${names}-timestamp`]: timestamp,
      [`${names}-signature`]: scheme.sign({ id: 'msg_1', timestamp, body }, secret)
    }, body)
  },
  signature: { in: 'header', name: `${names}-signature` },
  covered: [
    { in: 'body' },
    { in: 'header', name: `${names}-id` },
    { in: 'header', name: `${names}-timestamp` }
  ],
  timeStepMs: 1000,
  variations
})

export const plugins: Record<string, PluginContract> = {
  'a webhook': plugin('webhook'),
  "a webhook with Svix's names": plugin('svix')
}
