// Logs Intercom's conversation webhooks, and answers the HEAD request with which Intercom checks
// the endpoint. Run it with
//   INTERCOM_CLIENT_SECRET=… npx tsx examples/intercom.ts
import Fastify from 'fastify'
import intercom, { IntercomNotification } from 'fastify-contact-center/intercom'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(intercom, { keys: process.env['INTERCOM_CLIENT_SECRET'] ?? '' })
const preValidation = app.intercom.verify

// The guard answers this request; the handler never runs.
app.head('/intercom', { preValidation }, async () => '')

app.post('/intercom', {
  preValidation,
  schema: { body: IntercomNotification }
}, async (request) => {
  // Notifications may repeat: deduplicate by id.
  const { topic, id } = request.body
  request.log.info({ topic, id }, 'Intercom notification')
  return {}
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
