// Logs webhooks of any sender that follows Standard Webhooks. Run it with
//   WEBHOOK_SECRET=whsec_… npx tsx examples/standard-webhooks.ts
import Fastify from 'fastify'
import standardWebhooks, { WebhookEvent } from 'fastify-contact-center/standard-webhooks'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(standardWebhooks, { keys: process.env['WEBHOOK_SECRET'] ?? '' })

app.post('/webhooks', {
  preValidation: app.standardWebhooks.verify,
  schema: { body: WebhookEvent }
}, async (request, reply) => {
  const { type } = request.body
  request.log.info({ type, id: request.verification?.nonce }, 'webhook event')
  return await reply.code(204).send()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
