// Logs LINE's webhook events. Run it with
//   LINE_CHANNEL_SECRET=… npx tsx examples/line.ts
import Fastify from 'fastify'
import line, { LineWebhook } from 'fastify-contact-center/line'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(line, { keys: process.env['LINE_CHANNEL_SECRET'] ?? '' })

app.post('/line', {
  preValidation: app.line.verify,
  schema: { body: LineWebhook }
}, async (request) => {
  for (const { type, webhookEventId, deliveryContext } of request.body.events) {
    // Events may repeat, with isRedelivery: deduplicate by webhookEventId.
    request.log.info({ type, webhookEventId, deliveryContext }, 'LINE event')
  }
  return {}
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
