import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import { agentOf } from '../agents/session.ts'
import { problems } from '../operations/errors.ts'
import { callById, type Progress } from '../store/calls.ts'
import { saveEntry } from '../store/customer-entries.ts'
import type { AgentRow, CallRow, WrapUpRow } from '../store/index.ts'
import { acceptCall, closeCall, type Refusal } from '../store/open-calls.ts'
import { saveWrapUp } from '../store/wrap-ups.ts'
import { NoSuchCall } from './errors.ts'
import { params, readCall, readCallView } from './read-call.ts'
import { Call, createCallEvent, toState, WrapUp, toWrapUpView } from './view.ts'

const refusals = {
  unknown: NoSuchCall,
  'not-ringing': createError('SERVICE_CALL_NOT_RINGING', 'The call is no longer ringing', 409),
  taken: createError('SERVICE_CALL_TAKEN', 'Another agent has taken the call', 409),
  away: createError('SERVICE_AGENT_AWAY', 'Make yourself available first', 409),
  busy: createError('SERVICE_AGENT_BUSY', 'You are on another call', 409)
} satisfies Record<Refusal, unknown>
const NotOwnCall = createError('SERVICE_NOT_YOUR_CALL', 'The call belongs to another agent', 403)
const NoSuchDisposition = createError(
  'SERVICE_NO_SUCH_DISPOSITION',
  'The disposition is not configured',
  400
)
const WrapUpConflict = createError(
  'SERVICE_WRITTEN_MEANWHILE',
  'Another agent has just saved notes on this call; check them and save again',
  409
)

/** Agents' actions on calls that are live or have just ended. */
export const liveCallRoutes: FastifyPluginAsyncTypebox = async function liveCallRoutes (app) {
  app.post('/api/calls/:callSerialNo/accept', {
    schema: {
      summary: 'Accept a ringing call; only one agent can',
      params,
      response: { 200: Call, ...problems }
    }
  }, async (request) => {
    const { callSerialNo } = request.params
    const { id: agentId } = agentOf(request)
    const outcome = await app.store.commit(async ({ db, publish }) => {
      const result = await acceptCall(db, { callSerialNo, agentId, now: app.now() })
      if (typeof result !== 'string') publish('call.accepted', createCallEvent(result))
      return result
    })
    if (typeof outcome !== 'string') return await readCallView(app.store, callSerialNo)
    // The answer to the first request may have been lost.
    const call = await app.store.read(db => callById(db, callSerialNo))
    const isOwn = call?.agent_id === agentId && toState(call) === 'connected' &&
      call.direction === 'inbound'
    if (!isOwn) throw new refusals[outcome]()
    return await readCallView(app.store, callSerialNo)
  })

  app.post('/api/calls/:callSerialNo/close', {
    schema: {
      summary: 'Close a call that no vendor has ended',
      params,
      response: { 200: Call, ...problems }
    }
  }, async (request) => {
    const { callSerialNo } = request.params
    refuseOtherAgents(agentOf(request), await readCall(app.store, callSerialNo))
    await app.store.commit(async ({ db, publish }) => {
      const closed: Progress | undefined = await closeCall(db, callSerialNo, 'agent', app.now())
      if (closed !== undefined) publish('call.closed', createCallEvent(closed))
    })
    return await readCallView(app.store, callSerialNo)
  })

  app.put('/api/calls/:callSerialNo/wrap-up', {
    schema: {
      summary: 'Save the wrap-up of a call',
      params,
      body: Type.Object({
        disposition: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000]*$' }),
        note: Type.String({ maxLength: 10_000, pattern: '^[^\\u0000]*$' }),
        // One list of types: with a union, coercion would turn null into 0.
        seen: Type.Unsafe<number | null>({
          type: ['integer', 'null'],
          description: '`writtenAt` of the version that this replaces; null for the first'
        })
      }, { additionalProperties: false }),
      response: { 200: WrapUp, ...problems }
    }
  }, async (request): Promise<Static<typeof WrapUp>> => {
    const { callSerialNo } = request.params
    const { disposition, note, seen } = request.body
    const agent = agentOf(request)
    const call = await readCall(app.store, callSerialNo)
    refuseOtherAgents(agent, call)
    if (!app.config.DISPOSITIONS.includes(disposition)) throw new NoSuchDisposition()
    const row: WrapUpRow = {
      call_serial_no: callSerialNo,
      agent_id: agent.id,
      disposition,
      // Databases reject lone surrogates.
      note: note.toWellFormed(),
      // Each version needs its own time, which identifies the version that an agent has seen.
      written_at: Math.max(app.now(), (seen ?? 0) + 1)
    }
    await app.store.commit(async ({ db, publish }) => {
      if (!await saveWrapUp(db, row, seen)) throw new WrapUpConflict()
      if (call.customer_number !== null) {
        await saveEntry(db, {
          id: `note-${callSerialNo}`,
          customer_number: call.customer_number,
          kind: 'note',
          at: row.written_at,
          data: JSON.stringify({ callSerialNo, disposition, note: row.note, agentId: agent.id })
        })
      }
      publish('call.wrapped', { callSerialNo, agentId: call.agent_id, disposition })
    })
    return toWrapUpView(row)
  })
}

function refuseOtherAgents (agent: AgentRow, call: CallRow): void {
  if (call.agent_id !== agent.id && agent.role !== 'supervisor') throw new NotOwnCall()
}
