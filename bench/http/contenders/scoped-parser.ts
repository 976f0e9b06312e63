import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    bytes: Buffer | null
  }
}

/**
 * The recipe by hand: a JSON parser of the scope's own keeps the bytes, a hook verifies them. What
 * Contiple signs, with the least code that is right.
 */
export const contender: Contender = async function (app) {
  keepBytes(app)
  app.post('/', {
    preValidation: async (request, reply) => {
      const { authorization = '', 'x-tc-timestamp': timestamp = '' } = request.headers
      const mac = Buffer.from(authorization, 'base64')
      const expected = createHmac('sha256', secret).update(request.bytes ?? '').update(
        String(timestamp)
      ).digest()
      if (
        request.bytes === null || mac.length !== expected.length ||
        !timingSafeEqual(mac, expected) || Math.abs(Date.now() - Number(timestamp)) > 300_000
      ) {
        return await reply.code(401).send({ error: 'unauthorized' })
      }
    }
  }, answer)
}

export function keepBytes (app: FastifyInstance): void {
  app.decorateRequest('bytes', null)
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      request.bytes = body
      // The default parser takes text.
      parse(request, body.toString(), done)
    }
  )
}
