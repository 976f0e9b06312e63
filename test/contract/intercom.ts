import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import intercom, { createScheme, type IntercomInput, scheme } from 'fastify-contact-center/intercom'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

export const schemes: Record<string, SchemeContract<IntercomInput>> = {
  'of the body': {
    createScheme,
    vectors: vectorsOf<IntercomInput>('intercom'),
    input: { body },
    changed: changedBodies,
    illFormed: illFormedBodies
  }
}

export const plugins: Record<string, PluginContract> = {
  'a notification': {
    scheme,
    build: webhookApp(intercom, 'intercom'),
    sign: ({ secret }) => webhook({ 'x-hub-signature': scheme.sign({ body }, secret) }, body),
    signature: { in: 'header', name: 'x-hub-signature' },
    covered: [{ in: 'body' }],
    variations
  }
}
