import formbody from '@fastify/formbody'
import onlineContact from '../../../plugins/online-contact/index.ts'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

export const contender: Contender = async function (app) {
  await app.register(formbody)
  await app.register(onlineContact, { keys: secret })
  app.post('/', { preValidation: app.onlineContact.verify }, answer)
}
