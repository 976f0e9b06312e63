import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { policy } from '../site/page.ts'

/**
 * `GET /desk`: the agent desktop. Its files are as the browser takes them; its data is the API's.
 */
export const deskRoutes: FastifyPluginAsyncTypebox = async function deskRoutes (app) {
  await app.register(fastifyStatic, {
    root: new URL('public/', import.meta.url),
    prefix: '/desk/',
    index: false
  })

  // Who opens the bare address, as newcomers do.
  app.get('/', { schema: { hide: true } }, async (_request, reply) => await reply.redirect('/desk'))

  app.get('/desk', { schema: { hide: true } }, async (_request, reply) => {
    // Nothing on the page makes HTML from text, and the browser holds it to that.
    const { header } = policy({
      'script-src': ["'self'"],
      'require-trusted-types-for': ["'script'"],
      'trusted-types': ["'none'"]
    })
    return reply.header('content-security-policy', header).sendFile('desk.html')
  })
}
