import jwt from '@fastify/jwt'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

/** Its types are there only where the benchmark's own packages are installed. */
interface Decorated {
  jwtVerify(): Promise<unknown>
}

/** Says who calls, and nothing of the body. */
export const contender: Contender = async function (app) {
  await app.register(jwt, { secret, verify: { algorithms: ['HS256'] } })
  app.post('/', {
    preValidation: async request => {
      await (request as unknown as Decorated).jwtVerify()
    }
  }, answer)
}
