import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'

const Health = Type.Object({
  status: Type.String(),
  failed: Type.Optional(Type.Array(Type.String()))
})
const createSchema = (summary: string) => ({
  summary,
  tags: ['operations'],
  response: { 200: Health, 503: Health }
})

/** Milliseconds after which a dependency without an answer counts as down. */
const timeoutMs = 2000

/** `GET /healthz`: the process is alive. `GET /readyz`: its dependencies answer. */
export const healthRoutes: FastifyPluginAsyncTypebox = async function healthRoutes (app) {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })

  app.get('/healthz', {
    schema: createSchema('Check that the process is alive'),
    logLevel: 'warn'
  }, async () => ({ status: 'ok' }))

  app.get('/readyz', {
    schema: createSchema('Check that the dependencies answer'),
    logLevel: 'warn'
  }, async (_request, reply) => {
    if (closing) return await reply.code(503).send({ status: 'closing' })
    const checks: Array<[string, () => Promise<unknown>]> = [['store', () => app.store.ping()]]
    const { redis } = app
    if (redis !== null) checks.push(['redis', () => redis.ping()])
    const results = await Promise.allSettled(checks.map(([, check]) => withTimeout(check())))
    const failed = checks.flatMap(([name], index) =>
      results[index]?.status === 'fulfilled' ? [] : [name]
    )
    return failed.length === 0
      ? { status: 'ready' }
      : await reply.code(503).send({ status: 'unavailable', failed })
  })
}

async function withTimeout (answer: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), timeoutMs)
  })
  return await Promise.race([answer, timeout]).finally(() => clearTimeout(timer))
}
