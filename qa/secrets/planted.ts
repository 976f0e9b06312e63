// Leaks each kind of value in each place, to show that the tripwire detects it. The first argument
// `nothing` leaks none; `child` leaks from a child process.
import { spawnSync } from 'node:child_process'
import createError from '@fastify/error'
import Fastify, { type FastifyInstance } from 'fastify'
import contiple, { createScheme } from 'fastify-contact-center/contiple'
import { verificationChannel } from 'fastify-contact-center'

const secret = 'a-secret-that-is-planted'
const body = '{"callNum":"1"}'
const timestamp = String(Date.now())
const forged = 'A'.repeat(43) + '='
const mac = createScheme().sign({ body, timestamp }, secret)

const planted = {
  secret,
  'secret in base64': Buffer.from(secret).toString('base64'),
  MAC: mac,
  'MAC in hex': Buffer.from(mac, 'base64').toString('hex'),
  'signed text': body + timestamp,
  'signed URL': `/agent/main?username=kim&hash=${'0123456789'.repeat(4)}`,
  'phone number': 'call +821098765432'
}

const [mode] = process.argv.slice(2)
if (mode === 'child') {
  process.exitCode =
    spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1, 2)], {
        stdio: 'inherit'
      }).status === 0
      ? 0
      : 2
} else {
  await traffic(mode === 'nothing' ? {} : planted)
}

async function traffic (values: Record<string, string>): Promise<void> {
  const app = await appOf(Fastify({ logger: { stream: { write () {} } } }))
  const silent = await appOf(Fastify())
  const headers = {
    'content-type': 'application/json',
    authorization: forged,
    'x-tc-timestamp': timestamp
  }
  for (const target of [app, silent]) {
    await target.inject({ method: 'POST', url: '/signed', headers, payload: body })
  }
  verificationChannel.subscribe(() => {})
  for (const value of Object.values(values)) {
    app.log.info({ value }, 'a line')
    silent.log.debug(`a line that nobody would have written: ${value}`)
    for (const to of ['refusal', 'header', 'reply', 'metric']) {
      await app.inject({ method: 'POST', url: `/${to}`, payload: { value } })
    }
    verificationChannel.publish({ value })
    Object.assign(new RangeError('nothing in the text'), { detail: value })
    createError('FST_PLANTED', 'nothing either', 500)({ cause: new Error(value) })
  }
  await app.close()
}

async function appOf (app: FastifyInstance): Promise<FastifyInstance> {
  await app.register(contiple, { keys: secret })
  const valueOf = (body: unknown): string => (body as { value: string }).value
  app.post('/signed', { preValidation: app.contiple.verify }, async () => 'never reached')
  app.post('/refusal', async ({ body }, reply) => reply.code(403).send({ value: valueOf(body) }))
  app.post(
    '/header',
    async ({ body }, reply) =>
      reply.code(302).header('location', `/?${encodeURIComponent(valueOf(body))}`).send('')
  )
  app.post('/reply', async ({ body }) => ({ value: valueOf(body) }))
  app.post(
    '/metric',
    async ({ body }, reply) =>
      reply.type('text/plain; version=0.0.4').send(
        `requests_total{value=${JSON.stringify(valueOf(body))}} 1`
      )
  )
  return app
}
