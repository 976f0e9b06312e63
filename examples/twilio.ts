// Answers Twilio's request for TwiML, and logs the status of calls. Run it with
//   TWILIO_AUTH_TOKEN=… PUBLIC_URL=https://voice.example.com npx tsx examples/twilio.ts
import formbody from '@fastify/formbody'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import twilio, {
  TwilioCallStatus,
  TwilioVoiceCall,
  twiml,
  twimlType
} from 'fastify-contact-center/twilio'

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(formbody)
await app.register(twilio, {
  keys: process.env['TWILIO_AUTH_TOKEN'] ?? '',
  publicUrl: process.env['PUBLIC_URL'] ?? ''
})
const preValidation = app.twilio.verify

app.post('/voice', {
  preValidation,
  schema: { body: TwilioVoiceCall }
}, async (request, reply) => {
  reply.type(twimlType)
  return twiml`<Response><Say>You call from ${request.body.From}</Say></Response>`
})

app.post('/status', {
  preValidation,
  schema: { body: TwilioCallStatus }
}, async (request, reply) => {
  const { CallSid, CallStatus } = request.body
  request.log.info({ CallSid, CallStatus }, 'Twilio call status')
  return await reply.code(204).send()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
