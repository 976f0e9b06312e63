import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { agentOf } from '../agents/session.ts'
import { NotANumber, toE164 } from '../customers/phone.ts'
import { problems } from '../operations/errors.ts'
import { callById, latestCalls, mergeCall, stages } from '../store/calls.ts'
import { customerByPhone, customersByPhone } from '../store/customers.ts'
import type { CallRow } from '../store/index.ts'
import { Call, callView, fromCursor, stateOf, toCursor } from './view.ts'

const CursorInvalid = createError('SERVICE_CURSOR_INVALID', 'The cursor is not one of ours', 400)
const NoSuchCall = createError('SERVICE_NO_SUCH_CALL', 'No such call', 404)
const NoNumber = createError('SERVICE_NO_NUMBER', "The call has no customer's number", 409)

const params = Type.Object({ callSerialNo: Type.String({ minLength: 1, maxLength: 50 }) })

/** What the agent desktop does with calls. */
export const callRoutes: FastifyPluginAsyncTypebox = async function callRoutes (app) {
  app.addHook('onRequest', app.requireAgent)
  app.addHook('onRoute', (route) => {
    route.schema = { tags: ['calls'], security: [{ agentSession: [] }], ...route.schema }
  })

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
      publish('call.dialling', {
        callSerialNo,
        state: stateOf(merged.stage),
        releaseReason: merged.release_reason
      })
      return [merged, await customerByPhone(db, number)] as const
    })
    return await reply.code(201).header(
      'location',
      `/api/calls/${encodeURIComponent(callSerialNo)}`
    ).send(callView(call, customer))
  })

  app.get('/api/calls', {
    schema: {
      summary: 'The newest calls first',
      querystring: Type.Object({
        number: Type.Optional(
          Type.String({
            maxLength: 40,
            description:
              'Only calls with this customer, in any spelling; four to eight digits are the end of a number'
          })
        ),
        before: Type.Optional(
          Type.String({ maxLength: 120, description: '`next` of the page before' })
        ),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 25 })
      }),
      response: {
        200: Type.Object({
          calls: Type.Array(Call),
          next: Type.Union([Type.String(), Type.Null()])
        }),
        ...problems
      }
    }
  }, async ({ query: { number, before, limit } }) => {
    const customer = number === undefined ? {} : searched(number, app.config.PHONE_REGION)
    const position = before === undefined ? undefined : fromCursor(before)
    if (before !== undefined && position === undefined) throw new CursorInvalid()
    return await app.store.read(async (db) => {
      const rows = await latestCalls(db, {
        limit: limit + 1,
        ...customer,
        ...position && { before: position }
      })
      const page = rows.slice(0, limit)
      const customers = await customersByPhone(db, page.flatMap(row => row.customer_number ?? []))
      const last = page.at(-1)
      return {
        calls: page.map(row => callView(row, customers.get(row.customer_number ?? ''))),
        next: rows.length > limit && last !== undefined ? toCursor(last) : null
      }
    })
  })

  app.get('/api/calls/:callSerialNo', {
    schema: { summary: 'One call, with the customer', params, response: { 200: Call, ...problems } }
  }, async ({ params: { callSerialNo } }) => {
    const call = await known(callSerialNo)
    const { customer_number: number } = call
    return callView(
      call,
      number === null ? undefined : await app.store.read(db => customerByPhone(db, number))
    )
  })

  app.post('/api/calls/:callSerialNo/screen-pop', {
    schema: {
      summary: 'The signed address that opens Oracle CSC on the customer',
      description: 'The address signs the agent in: open it at once, and keep it nowhere.',
      params,
      response: { 200: Type.Object({ url: Type.String() }), ...problems }
    }
  }, async (request, reply) => {
    const call = await known(request.params.callSerialNo)
    if (call.customer_number === null) throw new NoNumber()
    const url = await app.oracleCsc.clickToCallUrl({
      username: agentOf(request).csc_username,
      callerId: call.customer_number,
      callId: call.call_serial_no
    })
    reply.header('cache-control', 'no-store')
    return { url }
  })

  async function known (callSerialNo: string): Promise<CallRow> {
    const call = await app.store.read(db => callById(db, callSerialNo))
    if (call === undefined) throw new NoSuchCall()
    return call
  }
}

/**
 * Whole numbers in any spelling; so few digits could be one, too, but are mostly how a caller ends.
 * @throws {NotANumber}
 */
function searched (
  text: string,
  region: string
): { customerNumber: string } | { numberEnd: string } {
  const digits = text.replace(/[\s()./-]/g, '')
  if (/^[0-9]{4,8}$/.test(digits)) return { numberEnd: digits }
  const customerNumber = toE164(text, region)
  if (customerNumber === null) throw new NotANumber()
  return { customerNumber }
}
