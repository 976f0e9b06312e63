import itxChat from '../../../plugins/itx-chat/index.ts'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

export const contender: Contender = async function (app) {
  await app.register(itxChat, { keys: secret })
  app.post('/', { preValidation: app.itxChat.verify }, answer)
}
