import type { FastifyInstance } from 'fastify'
import contiple from '../../../plugins/contiple/index.ts'
import huaweiAicc from '../../../plugins/huawei-aicc/index.ts'
import itxChat from '../../../plugins/itx-chat/index.ts'
import { secret } from '../../samples.ts'
import { answer } from '../answer.ts'

/** Contiple's route in an app that has so many vendor plugins, each with a route of its own. */
export async function contender (app: FastifyInstance, count: string): Promise<void> {
  await app.register(contiple, { keys: secret })
  app.post('/', { preValidation: app.contiple.verify }, answer)
  for (let others = 1; others < Number(count); others++) {
    const as = `other${others}`
    if (others % 3 === 0) await app.register(contiple, { keys: secret, as: as as never })
    else if (others % 3 === 1) {
      await app.register(huaweiAicc, { keys: secret, as: as as never, replay: false })
    } else await app.register(itxChat, { keys: secret, as: as as never })
    const { verify } = app[as as 'contiple']
    app.post(`/${as}`, { preValidation: verify }, answer)
  }
}
