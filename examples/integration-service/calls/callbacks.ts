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
import { agentNumbers } from './agent-numbers.ts'
import { type Fact, type Kind, keepCallbacks } from './keep.ts'
import { isKnownCall, waitForCall } from './wait-for-call.ts'

/**
 * Huawei's callbacks. Each is in the store before it is answered, once, whatever the order and
 * however often it comes.
 */
export const callbackRoutes: FastifyPluginAsyncTypebox = async function callbackRoutes (app) {
  // Huawei documents no content type, so its callbacks may be forms.
  await app.register(formbody)
  const store = app.store.batch(keepCallbacks)
  const numbers = agentNumbers(app)

  app.post('/aicc/connected/:gate', {
    preValidation: app.huaweiAicc.verifyUnsigned,
    schema: {
      summary: 'A call is connected (unsigned)',
      description:
        'About a call that an agent dialled, or one that comes in on the line of an agent.',
      tags: ['huawei-aicc'],
      body: ConnectionCallback,
      response: CallbackReplies
    }
  }, async (request) => {
    const { callSerialNo, called } = request.body
    const isOurs = await isKnownCall(app.store, callSerialNo)
    const line = isOurs ? undefined : (await numbers())(called)
    if (!isOurs && line === undefined && !await waitForCall(app.store, callSerialNo)) {
      throw new UnknownCall()
    }
    await keep('connected', request.body, line, {
      ...nothing,
      call_serial_no: callSerialNo,
      ...parties(null, called, line),
      ...line !== undefined && { agent_id: line },
      stage: stages.connected,
      connected_at: app.now()
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
    const line = await lineOf(caller, called)
    const connectedAt = timeOf(talkingTime)
    await keep('released', request.body, line, {
      ...nothing,
      call_serial_no: callSerialNo,
      ...parties(caller, called, line),
      ...line !== undefined && connectedAt !== null && { agent_id: line },
      stage: stages.released,
      connected_at: connectedAt,
      released_at: timeOf(releaseTime) ?? app.now(),
      release_reason: releaseReason || null,
      talk_seconds: talkDuration || null
    })
    return success
  })

  async function keep (
    kind: Kind,
    body: object,
    line: string | undefined,
    fact: Fact
  ): Promise<void> {
    app.metrics.callback(
      kind,
      await store({
        kind,
        body: JSON.stringify(body),
        fact,
        ...line !== undefined && { line },
        now: app.now()
      })
    )
  }

  /** The agent whose line was called from outside; undefined for calls that go out. */
  async function lineOf (
    caller: string | null | undefined,
    called: string
  ): Promise<string | undefined> {
    const agentOf = await numbers()
    return caller && agentOf(caller) !== undefined ? undefined : agentOf(called)
  }

  function parties (caller: string | null | undefined, called: string, line?: string) {
    const customer = line === undefined ? called : caller
    return {
      direction: line === undefined ? null : 'inbound' as const,
      caller: caller || null,
      called: called || null,
      customer_number: customer ? toE164(customer, app.config.PHONE_REGION) ?? customer : null
    }
  }
}

const nothing = {
  agent_id: null,
  direction: null,
  connected_at: null,
  released_at: null,
  release_reason: null,
  talk_seconds: null
}

/** A time that cannot be read is no reason to lose a signed callback: the text is kept with it. */
function timeOf (text: string | null | undefined): number | null {
  try {
    return text ? parseCallTime(text) : null
  } catch {
    return null
  }
}
