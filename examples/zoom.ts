// Logs Zoom's Contact Center engagement webhooks, and answers Zoom's URL validation. Run it with
//   ZOOM_SECRET_TOKEN=… npx tsx examples/zoom.ts
import Fastify from 'fastify'
import zoom, { ZoomEvent } from 'fastify-contact-center/zoom'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(zoom, { keys: process.env['ZOOM_SECRET_TOKEN'] ?? '' })

app.post('/zoom', {
  preValidation: app.zoom.verify,
  schema: { body: ZoomEvent }
}, async (request, reply) => {
  const { event, event_ts: at } = request.body
  request.log.info({ event, at }, 'Zoom event')
  return await reply.code(204).send()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
