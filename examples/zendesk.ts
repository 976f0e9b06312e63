// Logs Zendesk's ticket and conversation webhooks. Run it with
//   ZENDESK_SIGNING_SECRET=… npx tsx examples/zendesk.ts
import Fastify from 'fastify'
import zendesk, { ZendeskEvent } from 'fastify-contact-center/zendesk'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(zendesk, { keys: process.env['ZENDESK_SIGNING_SECRET'] ?? '' })

app.post('/zendesk', {
  preValidation: app.zendesk.verify,
  schema: { body: ZendeskEvent }
}, async (request, reply) => {
  const { type, id, subject } = request.body
  // Events may repeat: deduplicate by id.
  request.log.info({ type, id, subject }, 'Zendesk event')
  return await reply.code(204).send()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
