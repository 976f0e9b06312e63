import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { createAnswerHook } from '../shared/answers.ts'
import type { EventLog } from '../shared/events.ts'
import type { Call, Calls } from './calls.ts'
import type { CallFlow } from './call-flow.ts'
import type { Tokens } from './tokens.ts'

const CallRequest = Type.Object({
  caller: Type.String({ minLength: 1, maxLength: 32 }),
  called: Type.String({ minLength: 1, maxLength: 32 }),
  callData: Type.Optional(Type.String({ maxLength: 1024 })),
  callBackUrl: Type.Optional(Type.String())
})

interface Parts {
  values: { readonly accessToken: string, readonly answers: string }
  tokens: Tokens
  calls: Calls
  flow: CallFlow
  events: EventLog
}

/** The createCall endpoint, V1.0.0. */
export const createCallRoute: FastifyPluginAsyncTypebox<Parts> = async function createCallRoute (
  app,
  { values, tokens, calls, flow, events }
) {
  app.post('/apiaccess/CC-Management/v1/mobileAgent/createCall', {
    schema: { body: CallRequest },
    errorHandler: refuseCall,
    onRequest: [
      createAnswerHook(values),
      async (request) => {
        const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
        if (token !== values.accessToken && !tokens.isValid(token)) {
          throw Object.assign(new Error('the access token is not valid'), { statusCode: 401 })
        }
      }
    ]
  }, async (request, reply) => {
    const call = createCall(request.body)
    events.record(
      'create-call',
      'accepted',
      `calling ${call.caller}, then ${call.called}: ${call.callSerialNo}`,
      { ...call }
    )
    flow.scheduleNext(call)
    // A 19-digit number exceeds JavaScript's numbers, so the JSON is written by hand.
    return reply.type('application/json').send(
      `{"retCode":"0","retMsg":"success","result":{"callSerialNo":${call.callSerialNo}}}`
    )
  })

  function createCall (request: Static<typeof CallRequest>): Call {
    try {
      return calls.create(request)
    } catch (error) {
      throw Object.assign(error as Error, { statusCode: 400 })
    }
  }

  /** The vendor's error shape. Its codes for these errors are undocumented. */
  function refuseCall (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
    const status = error.statusCode ?? 500
    events.record('create-call', 'refused', error.message)
    reply.code(status).send({ retCode: String(status), retMsg: error.message })
  }
}
