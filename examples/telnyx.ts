// Logs Telnyx's call webhooks. Run it with the public key from the portal:
//   TELNYX_PUBLIC_KEY=… npx tsx examples/telnyx.ts
import Fastify from 'fastify'
import telnyx, { TelnyxCallEvent } from 'fastify-contact-center/telnyx'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(telnyx, { keys: process.env['TELNYX_PUBLIC_KEY'] ?? '' })

app.post('/telnyx/calls', {
  preValidation: app.telnyx.verify,
  schema: { body: TelnyxCallEvent }
}, async (request) => {
  const { id, event_type: type, payload } = request.body.data
  request.log.info({ id, type, call: payload.call_control_id }, 'Telnyx event')
  return {}
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
