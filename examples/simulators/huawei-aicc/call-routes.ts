import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { replyOrRedirect } from '../shared/page.ts'
import type { Callbacks } from './callbacks.ts'
import type { Call, Calls } from './calls.ts'
import type { CallFlow } from './call-flow.ts'
import type { Deliveries } from './delivery.ts'

const OneCall = Type.Object({ id: Type.String() })
const Reason = Type.String({ pattern: '^[0-9]{1,4}$', default: '0' })
const Release = Type.Object({ reason: Reason })
const Forgery = Type.Object({
  callback: Type.Union([Type.Literal('connected'), Type.Literal('released')], {
    default: 'released'
  })
})
const number = Type.String({ pattern: '^\\+?[0-9]{3,20}$' })
const Incoming = Type.Object({ caller: number, called: number })
const Notification = Type.Object({
  callData: Type.String({ maxLength: 1024, default: '' }),
  reason: Reason
})

interface Parts {
  values: { readonly releasedUrl: string }
  calls: Calls
  flow: CallFlow
  callbacks: Callbacks
  deliveries: Deliveries
}

/**
 * Routes that advance calls: `POST /lab/incoming`, `POST /lab/calls/:id/ring`, `…/connect`,
 * `…/release`, `…/run`, `…/forge`, and `POST /lab/voice-notification`.
 */
export const callRoutes: FastifyPluginAsyncTypebox<Parts> = async function callRoutes (
  app,
  { values, calls, flow, callbacks, deliveries }
) {
  app.get('/lab/calls', async () => calls.list())
  app.get('/lab/deliveries', async () => deliveries.list())

  app.post('/lab/incoming', { schema: { body: Incoming } }, async (request, reply) => {
    const { caller, called } = request.body
    const call = calls.create({
      caller,
      called,
      callBackUrl: Buffer.from(values.releasedUrl).toString('base64')
    })
    flow.scheduleNext(call)
    return replyOrRedirect(request, reply, { call })
  })

  app.post('/lab/calls/:id/ring', { schema: { params: OneCall } }, async (request, reply) => {
    const call = findCall(request.params.id)
    if (!flow.ring(call)) throw createConflict(call)
    return replyOrRedirect(request, reply, { call })
  })

  app.post('/lab/calls/:id/connect', { schema: { params: OneCall } }, async (request, reply) => {
    const call = findCall(request.params.id)
    const answer = await flow.talk(call)
    if (answer === false) throw createConflict(call)
    return replyOrRedirect(request, reply, { call, answer })
  })

  app.post('/lab/calls/:id/release', {
    schema: { params: OneCall, body: Release },
    preValidation: defaultEmptyBody
  }, async (request, reply) => {
    const call = findCall(request.params.id)
    const answer = await flow.release(call, request.body.reason)
    if (answer === false) throw createConflict(call)
    return replyOrRedirect(request, reply, { call, answer })
  })

  app.post('/lab/calls/:id/run', { schema: { params: OneCall } }, async (request, reply) => {
    const call = findCall(request.params.id)
    if (call.state === 'released') throw createConflict(call)
    flow.runAutomatically(call)
    return replyOrRedirect(request, reply, { call })
  })

  app.post('/lab/calls/:id/forge', {
    schema: { params: OneCall, body: Forgery },
    preValidation: defaultEmptyBody
  }, async (request, reply) => {
    const call = findCall(request.params.id)
    const forged = callbacks.createForged(call, request.body.callback)
    return replyOrRedirect(request, reply, {
      call,
      answer: forged === null ? null : await deliveries.attempt(forged, ' (forged)')
    })
  })

  app.post('/lab/voice-notification', {
    schema: { body: Notification },
    preValidation: defaultEmptyBody
  }, async (request, reply) => {
    const { callData, reason: releaseReason } = request.body
    const callSerialNo = calls.newSerialNo()
    const notification = callbacks.createVoiceNotification({
      callSerialNo,
      callData: callData === '' ? null : callData,
      releaseReason,
      url: values.releasedUrl
    })
    return replyOrRedirect(request, reply, {
      callSerialNo,
      answer: await deliveries.send(notification)
    })
  })

  function findCall (id: string): Call {
    const call = calls.get(id)
    if (call === undefined) throw Object.assign(new Error('unknown call'), { statusCode: 404 })
    return call
  }
}

function createConflict (call: Call): Error {
  return Object.assign(new Error(`the call is ${call.state}`), { statusCode: 409 })
}

async function defaultEmptyBody (request: FastifyRequest): Promise<void> {
  request.body ??= {}
}
