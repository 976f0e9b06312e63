import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  CallbackReplies,
  ConnectionCallback,
  parseCallTime,
  ReleaseCallback,
  success,
  UnknownCall
} from 'fastify-contact-center/huawei-aicc'
import { toE164 } from '../customers/phone.ts'
import { stages } from '../store/calls.ts'
import { createAgentNumbers, type AgentNumbers } from './agent-numbers.ts'
import { type CallbackFact, type CallbackKind, storeCallbacks } from './store-callbacks.ts'
import { isKnownCall, waitForCall } from './wait-for-call.ts'

/**
 * Huawei's callbacks. Each is stored once before it is answered, in any order and however often it
 * arrives.
 */
export const callbackRoutes: FastifyPluginAsyncTypebox = async function callbackRoutes (app) {
  // Huawei documents no content type, so callbacks may be forms.
  await app.register(formbody)
  const storeBatched = app.store.batch(storeCallbacks)
  const numbers = createAgentNumbers(app)

  app.post('/aicc/connected/:gate', {
    preValidation: app.huaweiAicc.verifyUnsigned,
    schema: {
      summary: 'A call is connected (unsigned)',
      description: "For a call that an agent dialled, or an inbound call on an agent's line.",
      tags: ['huawei-aicc'],
      body: ConnectionCallback,
      response: CallbackReplies
    }
  }, async (request) => {
    const { callSerialNo, called } = request.body
    const isKnown = await isKnownCall(app.store, callSerialNo)
    const line = isKnown ? undefined : (await numbers())(called)
    if (!isKnown && line === undefined && !await waitForCall(app.store, callSerialNo)) {
      throw new UnknownCall()
    }
    await storeCallback('connected', request.body, line, {
      call_serial_no: callSerialNo,
      agent_id: line ?? null,
      direction: directionOf(line),
      caller: null,
      called: called || null,
      customer_number: line === undefined ? normalizeNumber(called) : null,
      stage: stages.connected,
      connected_at: app.now(),
      released_at: null,
      release_reason: null,
      talk_seconds: null
    })
    return success
  })

  app.post('/aicc/released', {
    preValidation: app.huaweiAicc.verify,
    schema: {
      summary: 'A call is released (signed)',
      tags: ['huawei-aicc'],
      body: ReleaseCallback,
      response: CallbackReplies
    }
  }, async (request) => {
    const { callSerialNo, caller, called, talkingTime, releaseTime, releaseReason, talkDuration } =
      request.body
    const line = findCalledLine(await numbers(), caller, called)
    const connectedAt = parseTime(talkingTime)
    await storeCallback('released', request.body, line, {
      call_serial_no: callSerialNo,
      agent_id: line !== undefined && connectedAt !== null ? line : null,
      direction: directionOf(line),
      caller: caller || null,
      called: called || null,
      customer_number: normalizeNumber(line === undefined ? called : caller),
      stage: stages.released,
      connected_at: connectedAt,
      released_at: parseTime(releaseTime) ?? app.now(),
      release_reason: releaseReason || null,
      talk_seconds: talkDuration || null
    })
    return success
  })

  async function storeCallback (
    kind: CallbackKind,
    body: object,
    line: string | undefined,
    fact: CallbackFact
  ): Promise<void> {
    app.metrics.countCallback(
      kind,
      await storeBatched({
        kind,
        body: JSON.stringify(body),
        fact,
        line,
        now: app.now()
      })
    )
  }

  function normalizeNumber (text: string | null | undefined): string | null {
    return text ? toE164(text, app.config.PHONE_REGION) ?? text : null
  }
}

/** The agent whose line was called from outside; undefined for outbound calls. */
function findCalledLine (
  agentOf: AgentNumbers,
  caller: string | null | undefined,
  called: string
): string | undefined {
  return caller && agentOf(caller) !== undefined ? undefined : agentOf(called)
}

function directionOf (line: string | undefined): 'inbound' | null {
  return line === undefined ? null : 'inbound'
}

/**
 * Null for an unreadable time: the signed callback must not be lost, and its text is stored too.
 */
function parseTime (text: string | null | undefined): number | null {
  try {
    return text ? parseCallTime(text) : null
  } catch {
    return null
  }
}
