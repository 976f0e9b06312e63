import { Value } from '@sinclair/typebox/value'
import genesysAudiohook, { AudiohookServerMessage } from 'fastify-contact-center/genesys-audiohook'
import t from 'tap'
import { WebSocket } from 'ws'
import { build, startExample } from '../../test/helper.ts'

const apiKey = 'the-api-key-of-the-test'
const secret = Buffer.from('the-client-secret-of-the-test').toString('base64')
const keys = { id: apiKey, secret }

t.test('examples/genesys-audiohook.ts answers Genesys and nobody else', async t => {
  const address = await startExample(t, 'genesys-audiohook', {
    AUDIOHOOK_API_KEY: apiKey,
    AUDIOHOOK_CLIENT_SECRET: secret
  })
  const authority = address.replace('http://', '')
  const signer = await build(t, app => app.register(genesysAudiohook, { keys }))
  const headers = await signer.genesysAudiohook.signHeaders({
    requestTarget: '/audiohook',
    authority,
    organizationId: 'o'
  })
  const message = (type: string, parameters: object): string =>
    JSON.stringify({
      version: '2',
      id: 's',
      type,
      seq: 1,
      serverseq: 0,
      position: 'PT0S',
      parameters
    })
  const answers = await new Promise<Array<{ type: string }>>((resolve, reject) => {
    const messages: Array<{ type: string }> = []
    const socket = new WebSocket(`ws://${authority}/audiohook`, { headers: { ...headers } })
    socket.on('error', reject)
    socket.on('open', () => {
      socket.send(message('open', {
        organizationId: 'o',
        conversationId: 'c',
        participant: { id: 'p' },
        media: [{ type: 'audio', format: 'PCMU', channels: ['external'], rate: 8000 }]
      }))
      socket.send(Buffer.alloc(160))
      socket.send(message('ping', {}))
      socket.send(message('close', { reason: 'end' }))
      socket.send('{}')
    })
    socket.on('message', data => messages.push(JSON.parse(String(data)) as { type: string }))
    socket.on('close', () => resolve(messages))
  })
  t.strictSame(answers.map(({ type }) => type), ['opened', 'pong', 'closed'])
  t.ok(answers.every(answer => Value.Check(AudiohookServerMessage, answer)))
  await t.rejects(
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${authority}/audiohook`)
      socket.on('open', resolve)
      socket.on('error', reject)
    }),
    { message: /401/ }
  )
})
