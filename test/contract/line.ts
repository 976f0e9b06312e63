import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import line, { createScheme, scheme, type LineInput } from 'fastify-contact-center/line'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

export const schemes: Record<string, SchemeContract<LineInput>> = {
  'of the body': {
    createScheme,
    vectors: vectorsOf<LineInput>('line'),
    input: { body },
    changed: changedBodies,
    illFormed: illFormedBodies
  }
}

export const plugins: Record<string, PluginContract> = {
  'a webhook': {
    scheme,
    build: webhookApp(line, 'line'),
    sign: ({ secret }) => webhook({ 'x-line-signature': scheme.sign({ body }, secret) }, body),
    signature: { in: 'header', name: 'x-line-signature' },
    covered: [{ in: 'body' }],
    variations
  }
}
