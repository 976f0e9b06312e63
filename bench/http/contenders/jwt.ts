import jwt from '@fastify/jwt'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

/** Says who calls, and nothing of the body. */
export const contender: Contender = async function (app) {
  await app.register(jwt, { secret, verify: { algorithms: ['HS256'] } })
  app.post('/', { preValidation: async request => { await request.jwtVerify() } }, answer)
}
