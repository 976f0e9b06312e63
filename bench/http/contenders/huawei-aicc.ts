import huaweiAicc from '../../../plugins/huawei-aicc/index.ts'
import { memoryStore } from '../../../plugins/kit/replay/memory.ts'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

/** With a replay store, as by default; with room for all requests of a run. */
export const contender: Contender = async function (app) {
  await app.register(huaweiAicc, {
    keys: secret,
    replay: memoryStore({ capacity: 1_000_000 })
  })
  app.post('/', { preValidation: app.huaweiAicc.verify }, answer)
}
