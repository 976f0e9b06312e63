import type { FastifyInstance } from 'fastify'
import huaweiAicc from '../../../plugins/huawei-aicc/index.ts'
import { memoryStore } from '../../../plugins/kit/replay/memory.ts'
import { secret } from '../../samples.ts'
import { answer } from '../answer.ts'

/** With a replay store unless told so, as by default; with room for all requests of a run. */
export async function contender (app: FastifyInstance, argument: string): Promise<void> {
  await app.register(huaweiAicc, {
    keys: secret,
    replay: argument === 'without replay' ? false : memoryStore({ capacity: 1_000_000 })
  })
  app.post('/', { preValidation: app.huaweiAicc.verify }, answer)
}
