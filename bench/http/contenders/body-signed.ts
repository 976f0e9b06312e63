import type { FastifyInstance } from 'fastify'
import intercom from '../../../plugins/intercom/index.ts'
import line from '../../../plugins/line/index.ts'
import standardWebhooks from '../../../plugins/standard-webhooks/index.ts'
import whatsapp from '../../../plugins/whatsapp/index.ts'
import zendesk from '../../../plugins/zendesk/index.ts'
import zoom from '../../../plugins/zoom/index.ts'
import { secret, webhookSecret } from '../../samples.ts'
import { answer } from '../answer.ts'

/** A route of the vendor that is named. Standard Webhooks without its claim, as the others. */
export async function contender (app: FastifyInstance, vendor: string): Promise<void> {
  const verify = await verifyOf[vendor]?.(app)
  if (verify === undefined) throw new Error(`no vendor is called ${vendor}`)
  app.post('/', { preValidation: verify }, answer)
}

const keys = secret
const verifyOf: Record<
  string,
  (app: FastifyInstance) => Promise<FastifyInstance['zoom']['verify']>
> = {
  async intercom (app) {
    await app.register(intercom, { keys })
    return app.intercom.verify
  },
  async line (app) {
    await app.register(line, { keys })
    return app.line.verify
  },
  async 'standard-webhooks' (app) {
    await app.register(standardWebhooks, { keys: webhookSecret, replay: false })
    return app.standardWebhooks.verify
  },
  async whatsapp (app) {
    await app.register(whatsapp, { keys, verifyToken: 'bench-verify-token-01' })
    return app.whatsapp.verify
  },
  async zendesk (app) {
    await app.register(zendesk, { keys })
    return app.zendesk.verify
  },
  async zoom (app) {
    await app.register(zoom, { keys })
    return app.zoom.verify
  }
}
