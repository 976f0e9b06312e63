import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { page, script } from './page.ts'

/** `GET /desk`: the agent desktop in its plainest form. */
export const deskRoutes: FastifyPluginAsyncTypebox = async function deskRoutes (app) {
  app.get('/desk', { schema: { hide: true } }, async (_request, reply) => {
    reply.type('text/html; charset=utf-8')
    return page
  })
  app.get('/desk/desk.js', { schema: { hide: true } }, async (_request, reply) => {
    reply.type('text/javascript; charset=utf-8')
    return script
  })
}
