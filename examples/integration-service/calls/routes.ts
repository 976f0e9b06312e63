import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { hasAccount } from '../accounts.ts'
import { agentOf } from '../agents/session.ts'
import { NotANumber, toE164 } from '../customers/phone.ts'
import { problems } from '../operations/errors.ts'
import { latestCalls, mergeCall, stages } from '../store/calls.ts'
import { customerByPhone } from '../store/customers.ts'
import { CursorInvalid, NoNumber } from './errors.ts'
import { exportRoute } from './export-route.ts'
import { HistoryFilters, createHistoryQuery } from './history-query.ts'
import { liveCallRoutes } from './live-routes.ts'
import { params, readCall, readCallView } from './read-call.ts'
import {
  Call,
  toCallView,
  readCallViews,
  createFirstEvent,
  parseCursor,
  encodeCursor
} from './view.ts'

/** Call routes of the agent desktop. */
export const callRoutes: FastifyPluginAsyncTypebox = async function callRoutes (app) {
  app.addHook('onRequest', app.requireAgent)
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  app.addHook('onRoute', (route) => {
    route.schema = { tags: ['calls'], security: [{ agentSession: [] }], ...route.schema }
  })
  await app.register(liveCallRoutes)
  await app.register(exportRoute)

  if (hasAccount(app.config, 'huaweiAicc')) addDialRoute()
  if (hasAccount(app.config, 'oracleCsc')) addScreenPopRoute()

  app.get('/api/calls', {
    schema: {
      summary: 'List calls, newest first',
      querystring: Type.Composite([
        HistoryFilters,
        Type.Object({
          before: Type.Optional(
            Type.String({ maxLength: 160, description: '`next` of the previous page' })
          ),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 25 })
        })
      ]),
      response: {
        200: Type.Object({
          calls: Type.Array(Call),
          next: Type.Union([Type.String(), Type.Null()])
        }),
        ...problems
      }
    }
  }, async ({ query: { before, limit, ...filters } }) => {
    const position = before === undefined ? undefined : parseCursor(before)
    if (before !== undefined && position === undefined) throw new CursorInvalid()
    return await app.store.read(async (db) => {
      const rows = await latestCalls(db, {
        ...await createHistoryQuery(db, app.config.PHONE_REGION, filters),
        limit: limit + 1,
        ...position && { before: position }
      })
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        calls: await readCallViews(db, page),
        next: rows.length > limit && last !== undefined ? encodeCursor(last) : null
      }
    })
  })

  app.get('/api/calls/:callSerialNo', {
    schema: { summary: 'Get a call and its customer', params, response: { 200: Call, ...problems } }
  }, async ({ params: { callSerialNo } }) => await readCallView(app.store, callSerialNo))

  function addDialRoute (): void {
    app.post('/api/calls', {
      schema: {
        summary: 'Click to dial: Huawei rings the agent, then the customer',
        body: Type.Object({
          number: Type.String({ minLength: 1, maxLength: 40, description: 'In any spelling' })
        }, { additionalProperties: false }),
        response: { 201: Call, ...problems }
      }
    }, async (request, reply) => {
      const agent = agentOf(request)
      const number = toE164(request.body.number, app.config.PHONE_REGION)
      if (number === null) throw new NotANumber()
      const { callSerialNo } = await app.huaweiAicc.createCall({
        caller: agent.phone,
        called: number,
        callBackUrl: `${app.config.PUBLIC_URL}/aicc/released`
      })
      const [call, customer] = await app.store.commit(async ({ db, publish }) => {
        const merged = await mergeCall(db, {
          call_serial_no: callSerialNo,
          agent_id: agent.id,
          direction: 'outbound',
          caller: agent.phone,
          called: number,
          customer_number: number,
          stage: stages.dialling,
          release_reason: null,
          talk_seconds: null,
          created_at: app.now(),
          connected_at: null,
          released_at: null
        }, 'createCall')
        const foundCustomer = await customerByPhone(db, number)
        publish('call.dialling', createFirstEvent(merged, foundCustomer))
        return [merged, foundCustomer] as const
      })
      return await reply.code(201).header(
        'location',
        `${app.config.BASE_PATH}/api/calls/${encodeURIComponent(callSerialNo)}`
      ).send(toCallView(call, customer))
    })
  }

  function addScreenPopRoute (): void {
    app.post('/api/calls/:callSerialNo/screen-pop', {
      schema: {
        summary: 'Sign a URL that opens the customer in Oracle CSC',
        description: 'The URL signs the agent in: open it at once, and do not store it.',
        params,
        response: { 200: Type.Object({ url: Type.String() }), ...problems }
      }
    }, async (request, reply) => {
      const call = await readCall(app.store, request.params.callSerialNo)
      if (!isPhoneNumber(call.customer_number)) throw new NoNumber()
      const url = await app.oracleCsc.clickToCallUrl({
        username: agentOf(request).csc_username,
        callerId: call.customer_number,
        callId: call.call_serial_no
      })
      reply.header('cache-control', 'no-store')
      return { url }
    })
  }
}

/** The number by which Oracle CSC looks up customers. Vendors also report callers without one. */
function isPhoneNumber (text: string | null): text is string {
  return text !== null && /^\+[1-9][0-9]{3,14}$/.test(text)
}
