import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { agentCookie } from '../agents/cookie.ts'
import { signInBrowser } from './docs-signer.ts'

/** `GET /openapi.json`, generated from the routes. */
export default fp(async function apiDocs (app) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'CTI and chat integration service', version: '1' },
      servers: [{ url: app.config.PUBLIC_URL }],
      components: {
        securitySchemes: {
          // The vendors' plugins add their own.
          agentSession: { type: 'apiKey', in: 'cookie', name: agentCookie(app.config).name }
        }
      }
    }
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}, { name: 'api-docs' })

/** `GET /docs`: the same as web pages, loaded at the first request. */
export async function apiPageRoutes (app: FastifyInstance): Promise<void> {
  let pages: Promise<FastifyInstance> | undefined
  for (const url of ['/docs', '/docs/*']) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      pages ??= createPages(app)
      const { statusCode, headers, rawPayload } = await (await pages).inject({
        url: request.url,
        headers: { ...request.headers, 'accept-encoding': 'identity' }
      })
      // The connection is ours.
      const { connection, 'transfer-encoding': encoding, ...otherHeaders } = headers
      return await reply.code(statusCode).headers(otherHeaders).send(rawPayload)
    })
  }
}

async function createPages (app: FastifyInstance): Promise<FastifyInstance> {
  const { default: swaggerUi } = await import('@fastify/swagger-ui')
  const pages = Fastify()
  await pages.register(fp(async pages => {
    pages.decorate('swagger', app.swagger)
  }, { name: '@fastify/swagger' }))
  await pages.register(swaggerUi, {
    routePrefix: '/docs',
    ...app.config.DOCS_SIGNER && { uiConfig: { requestInterceptor: signInBrowser } }
  })
  await pages.ready()
  return pages
}
