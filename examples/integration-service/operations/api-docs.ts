import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { agentCookie } from '../agents/cookie.ts'
import { signInBrowser } from './docs-signer.ts'

/** `GET /openapi.json`, made from the routes themselves. */
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

/** `GET /docs`: the same, to read. */
export async function apiPages (app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    ...app.config.DOCS_SIGNER && { uiConfig: { requestInterceptor: signInBrowser } }
  })
}
