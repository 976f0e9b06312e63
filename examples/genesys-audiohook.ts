// Genesys Cloud opens an AudioHook session. This server verifies the upgrade, then answers `open`
// and `ping`. Run it with
//   AUDIOHOOK_API_KEY=… AUDIOHOOK_CLIENT_SECRET=… npx tsx examples/genesys-audiohook.ts
import websocket from '@fastify/websocket'
import { Value } from '@sinclair/typebox/value'
import Fastify from 'fastify'
import genesysAudiohook, { AudiohookClientMessage } from 'fastify-contact-center/genesys-audiohook'

const app = Fastify({ logger: true })

await app.register(websocket)
await app.register(genesysAudiohook, {
  keys: {
    id: process.env['AUDIOHOOK_API_KEY'] ?? '',
    secret: process.env['AUDIOHOOK_CLIENT_SECRET'] ?? ''
  }
})

app.get('/audiohook', {
  websocket: true,
  preValidation: app.genesysAudiohook.verify
}, (socket, request) => {
  const organization = request.headers['audiohook-organization-id']
  let seq = 0
  socket.on('message', (data, isBinary) => {
    if (isBinary) return // Audio.
    const message: unknown = JSON.parse(String(data))
    if (!Value.Check(AudiohookClientMessage, message)) return socket.close(1008)
    const answer = (type: string, parameters: object = {}): void =>
      socket.send(JSON.stringify({
        version: '2',
        id: message.id,
        type,
        seq: ++seq,
        clientseq: message.seq,
        parameters
      }))
    if (message.type === 'open') {
      if (message.parameters.organizationId !== organization) return socket.close(1008)
      answer('opened', { media: message.parameters.media.slice(0, 1) })
    }
    if (message.type === 'ping') answer('pong')
    if (message.type === 'close') answer('closed')
  })
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
