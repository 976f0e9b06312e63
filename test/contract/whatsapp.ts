import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import whatsapp, { createScheme, scheme, type WhatsappInput } from 'fastify-contact-center/whatsapp'
import { vectorsOf } from '../helper.ts'
import { body, changedBodies, illFormedBodies, variations, webhook, webhookApp } from './webhook.ts'

export const schemes: Record<string, SchemeContract<WhatsappInput>> = {
  'of the body': {
    createScheme,
    vectors: vectorsOf<WhatsappInput>('whatsapp'),
    input: { body },
    changed: changedBodies,
    illFormed: illFormedBodies
  }
}

export const plugins: Record<string, PluginContract> = {
  'a notification': {
    scheme,
    build: webhookApp(whatsapp, 'whatsapp'),
    sign: ({ secret }) => webhook({ 'x-hub-signature-256': scheme.sign({ body }, secret) }, body),
    signature: { in: 'header', name: 'x-hub-signature-256' },
    covered: [{ in: 'body' }],
    variations
  }
}
