// Answers Vonage's webhook for incoming calls, and logs the status of calls. Run it with
//   VONAGE_SIGNATURE_SECRET=… npx tsx examples/vonage.ts
import Fastify from 'fastify'
import vonage, {
  VonageAnswerRequest,
  VonageCallEvent,
  VonageNcco
} from 'fastify-contact-center/vonage'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(vonage, { keys: process.env['VONAGE_SIGNATURE_SECRET'] ?? '' })
const preValidation = app.vonage.verify

app.post('/vonage/answer', {
  preValidation,
  schema: { body: VonageAnswerRequest, response: { 200: VonageNcco } }
}, async () => [{ action: 'talk', text: 'Please hold the line.' }])

app.post('/vonage/event', {
  preValidation,
  schema: { body: VonageCallEvent }
}, async (request, reply) => {
  const { uuid, status } = request.body
  request.log.info({ uuid, status }, 'Vonage event')
  return await reply.code(204).send()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
