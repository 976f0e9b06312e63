import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { shiftedClock } from '../shared/common-settings.ts'
import { EventLog } from '../shared/events.ts'
import { ticking } from '../shared/faults.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { listOf, type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { huaweiAiccBench } from './bench.ts'
import { Callbacks } from './callbacks.ts'
import { callRoutes } from './call-routes.ts'
import { Calls } from './calls.ts'
import { Course } from './course.ts'
import { createCallRoute } from './create-call.ts'
import { Deliveries } from './delivery.ts'
import { huaweiAiccSuite } from './faults.ts'
import { callsView } from './page.ts'
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
  const deliveries = new Deliveries(events, () => listOf(values.retryMs).map(Number), now)
  const course = new Course({ calls, callbacks, deliveries, events, pace: values })
  const tokens = new Tokens(shiftedClock(now, values))
  const ticks = ticking(now)
  await app.register(formbody)
  labRoutes(app, {
    vendor: 'Huawei AICC',
    fields: huaweiAiccSettings,
    values,
    suite: huaweiAiccSuite,
    bench: () => huaweiAiccBench(values, ticks),
    events,
    content: () => callsView(calls.list(), deliveries.list(), tokens.live)
  })
  await app.register(createCallRoute, { values, tokens, calls, course, events })
  await app.register(tokenRoutes, { values, tokens, events })
  await app.register(callRoutes, { values, calls, course, callbacks, deliveries })
  app.addHook('onClose', async () => {
    course.close()
    await deliveries.close()
  })
  return app
}
