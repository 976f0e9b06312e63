// Twilio asks what to do with a call. No vendor of this package: its plugin, in twilio/, uses
// public exports only. Run it with TWILIO_AUTH_TOKEN=… PUBLIC_URL=https://voice.example.com npx tsx
// examples/twilio.ts
import { type Static, Type } from '@sinclair/typebox'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import twilio from './twilio/index.ts'

const Call = Type.Object({ CallSid: Type.String(), From: Type.String() })

const app = Fastify({ logger: true })

await app.register(formbody)
await app.register(twilio, {
  keys: process.env['TWILIO_AUTH_TOKEN'] ?? '',
  publicUrl: process.env['PUBLIC_URL'] ?? ''
})

app.post(
  '/voice',
  { preValidation: app.twilio.verify, schema: { body: Call } },
  async (request, reply) => {
    const { From } = request.body as Static<typeof Call>
    reply.type('text/xml; charset=utf-8')
    return `<?xml version="1.0" encoding="UTF-8"?><Response><Say>You call from ${
      From.replace(/[^+0-9]/g, '')
    }</Say></Response>`
  }
)

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
