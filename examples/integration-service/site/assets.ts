import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** `/assets/`: files shared by the member pages and the desk. */
export async function assetRoutes (app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.schema = { hide: true, ...route.schema }
  })
  await app.register(fastifyStatic, {
    root: new URL('public/', import.meta.url),
    prefix: '/assets/',
    index: false,
    decorateReply: false
  })
}
