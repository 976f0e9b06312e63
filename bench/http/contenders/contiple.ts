import contiple from '../../../plugins/contiple/index.ts'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

/** With an argument, the route takes bodies beyond the 64 KiB that signed routes have. */
export const contender: Contender = async function (app, argument = '') {
  await app.register(contiple, { keys: secret })
  const limit = argument === 'large bodies' ? { bodyLimit: 4 * 1024 * 1024 } : {}
  app.post('/', { preValidation: app.contiple.verify, ...limit }, answer)
  app.post('/sibling', answer)
}
