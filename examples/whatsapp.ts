// Logs WhatsApp messages from customers, and answers Meta's verification of the webhook URL. Run it
// with WHATSAPP_APP_SECRET=… WHATSAPP_VERIFY_TOKEN=… npx tsx examples/whatsapp.ts
import Fastify from 'fastify'
import whatsapp, { WhatsappNotification } from 'fastify-contact-center/whatsapp'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(whatsapp, {
  keys: process.env['WHATSAPP_APP_SECRET'] ?? '',
  verifyToken: process.env['WHATSAPP_VERIFY_TOKEN'] ?? ''
})
const preValidation = app.whatsapp.verify

// The guard answers Meta's request; the handler never runs.
app.get('/whatsapp', { preValidation }, async () => '')

app.post('/whatsapp', {
  preValidation,
  schema: { body: WhatsappNotification }
}, async (request) => {
  for (const { changes } of request.body.entry) {
    for (const { field } of changes) request.log.info({ field }, 'WhatsApp change')
  }
  return {}
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
