import { createHmac, timingSafeEqual } from 'node:crypto'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'
import { keepBytes } from './scoped-parser.ts'

interface Refusal extends Error {
  readonly code: string
}

/**
 * The scoped parser with the cheapest refusal of Fastify: a hook with a callback, an error without
 * a stack, and an error handler that sends the code and the text of the error.
 */
export const contender: Contender = async function (app) {
  keepBytes(app)
  app.setErrorHandler<Refusal>(({ code, message }, _request, reply) => {
    reply.code(403).send({ error: { code, message, detail: null } })
  })
  app.post('/', {
    preValidation: (request, _reply, done) => {
      const { authorization = '', 'x-tc-timestamp': timestamp = '' } = request.headers
      const mac = Buffer.from(authorization, 'base64')
      const expected = createHmac('sha256', secret).update(request.bytes ?? '').update(
        String(timestamp)
      ).digest()
      if (
        request.bytes === null || mac.length !== expected.length || !timingSafeEqual(mac, expected)
      ) {
        done(refusal('FST_CC_SIGNATURE_INVALID', 'The signature does not match'))
      } else if (Math.abs(Date.now() - Number(timestamp)) > 300_000) {
        done(
          refusal('FST_CC_TIMESTAMP_OUT_OF_WINDOW', 'The timestamp is outside the accepted window')
        )
      } else {
        done()
      }
    }
  }, answer)
}

/** Without calling `Error`, which looks at the stack. */
function refusal (code: string, message: string): Refusal {
  return Object.assign(Object.create(Error.prototype) as Error, { code, message })
}
