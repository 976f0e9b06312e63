import oracleCsc from '../../../plugins/oracle-csc/index.ts'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

export const contender: Contender = async function (app) {
  await app.register(oracleCsc, { keys: secret })
  app.get('/', { onRequest: app.oracleCsc.verify }, answer)
}
