import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { shiftedClock } from '../shared/common-settings.ts'
import { EventLog } from '../shared/events.ts'
import { createTickingClock } from '../shared/faults.ts'
import { labRoutes } from '../shared/lab-routes.ts'
import { replyOrRedirect } from '../shared/page.ts'
import { splitList, type ValuesOf, valuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { contipleBench, findNumberField } from './bench.ts'
import { contipleSuite } from './faults.ts'
import { type Forgery, forgeries, type Lookup, lookUp } from './lookup.ts'
import { classifyLookup, renderTicket } from './page.ts'
import { contipleSettings } from './settings.ts'

export interface ContipleSimulatorOptions extends Partial<ValuesOf<typeof contipleSettings>> {
  /** The signing clock, in epoch milliseconds. */
  now?: () => number
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

type LookupForm = Record<string, string> & { forge?: Forgery | '' }

/**
 * Simulates Contiple: when an agent opens a ticket, it queries the customer information API for the
 * caller. `POST /lab/lookup` opens a ticket; with `forge`, it sends a forged twin.
 */
export async function contipleSimulator (
  options: ContipleSimulatorOptions
): Promise<FastifyInstance> {
  const { now = Date.now, logger = false } = options
  const values = valuesOf(contipleSettings, options)
  const app = Fastify({ ...serverOptions, logger })
  const events = new EventLog(now)
  const signingClock = shiftedClock(now, values)
  const tickingClock = createTickingClock(now)
  let last: Lookup | null = null
  await app.register(formbody)
  labRoutes(app, {
    vendor: 'NHN Contiple',
    fields: contipleSettings,
    values,
    suite: contipleSuite,
    bench: () => contipleBench(values, tickingClock),
    events,
    content: () => renderTicket({ ...values, last })
  })

  app.post<{ Body: LookupForm }>('/lab/lookup', {
    schema: {
      body: {
        type: 'object',
        properties: { forge: { enum: ['', ...forgeries] } },
        additionalProperties: { type: 'string' }
      }
    }
  }, async (request, reply) => {
    const { forge, ...fields } = request.body
    last = await lookUp({
      key: values.key,
      lookupUrl: values.lookupUrl,
      query: buildQuery(fields),
      timestamp: signingClock(),
      ...forge && { forge }
    })
    events.record(
      'lookup',
      classifyLookup(last),
      `${forge ? `sent a forged twin (${forge})` : 'looked up the caller'}: ${last.agentSees}`,
      last
    )
    return replyOrRedirect(request, reply, last)
  })
  return app

  /** The configured fields with a value: forms send blank fields, Contiple does not. */
  function buildQuery (fields: Record<string, string>): Record<string, string> {
    const first = findNumberField(values.queryFields)
    const names = [first, ...splitList(values.queryFields).slice(1)]
    const unknownField = Object.keys(fields).find(name => !names.includes(name))
    if (unknownField !== undefined) {
      throw createBadRequest(`${unknownField} is not one of the query fields: ${names.join(', ')}`)
    }
    if (fields[first] === undefined) throw createBadRequest(`${first} is missing`)
    return Object.fromEntries(
      names.map(name => [name, fields[name] ?? '']).filter(([name, value]) =>
        name === first || value !== ''
      )
    )
  }
}

function createBadRequest (message: string): Error {
  return Object.assign(new TypeError(message), { statusCode: 400 })
}
