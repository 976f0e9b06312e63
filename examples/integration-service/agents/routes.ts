import { createHash } from 'node:crypto'
import createError from '@fastify/error'
import rateLimit from '@fastify/rate-limit'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { problems } from '../operations/errors.ts'
import { agentByLogin } from '../store/agents.ts'
import { beginSession, endSession } from '../store/sessions.ts'
import type { AgentRow } from '../store/index.ts'
import { agentCookie } from './cookie.ts'
import { isPassword } from './password.ts'
import { agentOf } from './session.ts'

export const Agent = Type.Object({ id: Type.String(), login: Type.String(), name: Type.String() })

export const SignInRefused = createError('SERVICE_SIGN_IN_REFUSED', 'Login or password is wrong', 401)
const TooManyAttempts = createError('SERVICE_TOO_MANY_ATTEMPTS', 'Too many attempts; try again in a minute', 429)

/** A working day. */
const lifetimeMs = 10 * 60 * 60 * 1000

/** Sign-in, sign-out, and who is signed in. */
export const agentRoutes: FastifyPluginAsyncTypebox = async function agentRoutes (app) {
  const cookie = agentCookie(app.config)
  await app.register(rateLimit, {
    global: false,
    ...app.redis !== null && { redis: app.redis },
    nameSpace: 'integration-service:sign-in:',
    errorResponseBuilder: () => new TooManyAttempts()
  })

  // Whoever has many addresses still has one login to guess at. Higher, so that an agent is not locked out by a few bad guesses of others.
  const limitLogin = app.createRateLimit({
    max: 3 * app.signInsPerMinute,
    timeWindow: 60_000,
    keyGenerator: request => `login:${createHash('sha256').update((request.body as { login: string }).login).digest('base64url')}`
  })

  app.post('/api/agents/session', {
    // Ten a minute from one address; passwords are slow to check, too.
    config: { rateLimit: { max: app.signInsPerMinute, timeWindow: 60_000 } },
    schema: {
      summary: 'Sign in',
      tags: ['agents'],
      body: Type.Object({ login: Type.String({ maxLength: 100 }), password: Type.String({ maxLength: 200 }) }, { additionalProperties: false }),
      response: { 200: Agent, ...problems }
    }
  }, async (request, reply) => {
    const { login, password } = request.body
    const attempt = await limitLogin(request)
    if (!attempt.isAllowed && attempt.isExceeded) throw new TooManyAttempts()
    const agent = await app.store.read(db => agentByLogin(db, login))
    if (!await isPassword(agent?.password_hash, password) || agent === undefined) throw new SignInRefused()
    const before = request.cookies[cookie.name]
    const id = await app.store.commit(async ({ db }) => {
      // A new id at every sign-in: one that somebody planted before is worth nothing after.
      if (before !== undefined) await endSession(db, before)
      return await beginSession(db, { kind: 'agent', subjectId: agent.id, now: app.now(), lifetimeMs })
    })
    reply.setCookie(cookie.name, id, { ...cookie.options, maxAge: lifetimeMs / 1000 })
    return view(agent)
  })

  app.get('/api/agents/session', {
    onRequest: app.requireAgent,
    schema: { summary: 'Who is signed in', tags: ['agents'], security: [{ agentSession: [] }], response: { 200: Agent, ...problems } }
  }, async request => view(agentOf(request)))

  app.delete('/api/agents/session', {
    schema: { summary: 'Sign out', tags: ['agents'], response: { 204: Type.Null(), ...problems } }
  }, async (request, reply) => {
    const id = request.cookies[cookie.name]
    if (id !== undefined) await app.store.commit(({ db }) => endSession(db, id))
    reply.clearCookie(cookie.name, cookie.options)
    return await reply.code(204).send(null)
  })
}

function view ({ id, login, name }: AgentRow) {
  return { id, login, name }
}
