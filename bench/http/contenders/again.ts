import type { FastifyInstance } from 'fastify'
import contiple from '../../../plugins/contiple/index.ts'
import huaweiAicc from '../../../plugins/huawei-aicc/index.ts'
import { secret } from '../../samples.ts'
import { answer } from '../answer.ts'

/**
 * The same verification thirty times over: what the guard must notice. Without a replay store,
 * which would refuse the second time.
 */
export async function contender (app: FastifyInstance, name: string): Promise<void> {
  await app.register(contiple, { keys: secret })
  await app.register(huaweiAicc, { keys: secret, replay: false })
  const verify = name === 'contiple' ? app.contiple.verify : app.huaweiAicc.verify
  app.post('/', {
    preValidation: new Array<typeof verify>(30).fill(verify)
  }, answer)
}
