import formbody from '@fastify/formbody'
import { answer, type Contender } from '../answer.ts'

/** No verification at all: what the others are measured against. */
export const contender: Contender = async function bare (app) {
  await app.register(formbody)
  app.post('/', answer)
  app.get('/', answer)
}
