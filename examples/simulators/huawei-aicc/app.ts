import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { shiftedClock } from '../shared/common-settings.ts'
import { EventLog } from '../shared/events.ts'
import { createTickingClock } from '../shared/faults.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { splitList, type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { huaweiAiccBench } from './bench.ts'
import { Callbacks } from './callbacks.ts'
import { callRoutes } from './call-routes.ts'
import { Calls } from './calls.ts'
import { CallFlow } from './call-flow.ts'
import { createCallRoute } from './create-call.ts'
import { Deliveries } from './delivery.ts'
import { huaweiAiccSuite } from './faults.ts'
import { renderCalls } from './page.ts'
import { huaweiAiccSettings } from './settings.ts'
import { tokenRoutes, Tokens } from './tokens.ts'

export interface HuaweiAiccSimulatorOptions extends Partial<ValuesOf<typeof huaweiAiccSettings>> {
  /** The clock, in epoch milliseconds. */
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

/**
 * Simulates Huawei AICC: createCall, the unsigned connection callback, and the signed release
 * callback, with retries. Calls advance by its page, by its API or by themselves.
 */
export async function huaweiAiccSimulator (
  options: HuaweiAiccSimulatorOptions
): Promise<FastifyInstance> {
  const { now = Date.now, logger = false } = options
  const values = valuesOf(huaweiAiccSettings, options)
  const app = Fastify({ ...serverOptions, logger })
  const events = new EventLog(now)
  const calls = new Calls(now)
  const callbacks = new Callbacks(values, shiftedClock(now, values))
  const deliveries = new Deliveries(events, () => splitList(values.retryMs).map(Number), now)
  const flow = new CallFlow({ calls, callbacks, deliveries, events, pace: values })
  const tokens = new Tokens(shiftedClock(now, values))
  const tickingClock = createTickingClock(now)
  await app.register(formbody)
  labRoutes(app, {
    vendor: 'Huawei AICC',
    fields: huaweiAiccSettings,
    values,
    suite: huaweiAiccSuite,
    bench: () => huaweiAiccBench(values, tickingClock),
    events,
    content: () => renderCalls(calls.list(), deliveries.list(), tokens.live)
  })
  await app.register(createCallRoute, { values, tokens, calls, flow, events })
  await app.register(tokenRoutes, { values, tokens, events })
  await app.register(callRoutes, { values, calls, flow, callbacks, deliveries })
  app.addHook('onClose', async () => {
    flow.close()
    await deliveries.close()
  })
  return app
}
