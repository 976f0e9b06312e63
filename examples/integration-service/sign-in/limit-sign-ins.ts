import { createHash } from 'node:crypto'
import createError from '@fastify/error'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const TooManyAttempts = createError(
  'SERVICE_TOO_MANY_ATTEMPTS',
  'Too many attempts; try again in a minute',
  429
)

export interface SignInLimits {
  /**
   * For the route's `config`: limits attempts per minute from one address. Verifying a password is
   * also slow.
   */
  readonly config: { readonly rateLimit: { readonly max: number, readonly timeWindow: number } }
  /**
   * Counts an attempt for the login in the body, from all addresses together.
   * @throws {TooManyAttempts}
   */
  countLogin(request: FastifyRequest): Promise<void>
}

/**
 * Limits for the sign-in route of this scope. Limiters of the same name share their counters,
 * across all processes if Redis is configured.
 */
export async function limitSignIns (app: FastifyInstance, name: string): Promise<SignInLimits> {
  await app.register(rateLimit, {
    global: false,
    ...app.redis !== null && { redis: app.redis },
    nameSpace: `integration-service:${name}:`,
    errorResponseBuilder: () => new TooManyAttempts()
  })
  // An attacker with many addresses still targets one login. The limit is higher, so that a few
  // wrong guesses by others do not lock the user out.
  const limitLogin = app.createRateLimit({
    max: 3 * app.signInsPerMinute,
    timeWindow: 60_000,
    keyGenerator: request =>
      `login:${
        createHash('sha256').update((request.body as { login: string }).login).digest('base64url')
      }`
  })
  return {
    config: { rateLimit: { max: app.signInsPerMinute, timeWindow: 60_000 } },
    async countLogin (request) {
      const attempt = await limitLogin(request)
      if (!attempt.isAllowed && attempt.isExceeded) throw new TooManyAttempts()
    }
  }
}
