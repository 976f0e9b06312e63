import contiple from '../../../plugins/contiple/index.ts'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

export const contender: Contender = async function (app) {
  await app.register(contiple, { keys: secret })
  app.post('/', { preValidation: app.contiple.verify }, answer)
  app.post('/sibling', answer)
}
