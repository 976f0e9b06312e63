import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { agentCookie } from '../agents/cookie.ts'

const header = (name: string, description: string) => ({ type: 'apiKey' as const, in: 'header' as const, name, description })

/** `GET /openapi.json`, made from the routes themselves. */
export default fp(async function apiDocs (app) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'CTI and chat integration service', version: '1' },
      servers: [{ url: app.config.PUBLIC_URL }],
      components: {
        securitySchemes: {
          agentSession: { type: 'apiKey', in: 'cookie', name: agentCookie(app.config).name },
          contiple: header('Authorization', 'HMAC-SHA256 of the body and X-TC-Timestamp'),
          huaweiAicc: { type: 'apiKey', in: 'query', name: 'signature', description: 'In the body: timestamp, nonce and signature' }
        }
      }
    }
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}, { name: 'api-docs' })

/** `GET /docs`: the same, to read. */
export async function apiPages (app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/docs' })
}
