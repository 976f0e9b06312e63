import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { createPolicy } from '../site/page.ts'

/**
 * `GET /desk` and `/desk/supervisor`: the pages of agents and supervisors. Their files are served
 * unbundled; their data comes from the API.
 */
export const deskRoutes: FastifyPluginAsyncTypebox = async function deskRoutes (app) {
  await app.register(fastifyStatic, {
    root: new URL('public/', import.meta.url),
    prefix: '/desk/',
    index: false
  })

  // Redirect the bare address to the desk.
  app.get(
    '/',
    { schema: { hide: true } },
    async (_request, reply) => await reply.redirect(`${app.config.BASE_PATH}/desk`)
  )

  for (const [path, file] of [['/desk', 'desk.html'], ['/desk/supervisor', 'supervisor.html']]) {
    app.get(path ?? '', { schema: { hide: true } }, async (_request, reply) => {
      // The page never makes HTML from text, and the browser enforces it.
      const { header } = createPolicy({
        'script-src': ["'self'"],
        'require-trusted-types-for': ["'script'"],
        'trusted-types': ["'none'"]
      })
      return reply.header('content-security-policy', header).sendFile(file ?? '')
    })
  }

  // The chart library, as installed.
  const chartFolder = dirname(createRequire(import.meta.url).resolve('uplot'))
  for (const file of ['uPlot.esm.js', 'uPlot.min.css']) {
    app.get(
      `/desk/charts/${file}`,
      { schema: { hide: true } },
      async (_request, reply) => reply.sendFile(file, chartFolder)
    )
  }
}
