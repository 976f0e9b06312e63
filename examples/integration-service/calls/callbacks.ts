import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  CallbackReplies,
  ConnectionCallback,
  parseCallTime,
  ReleaseCallback,
  success
} from 'fastify-contact-center/huawei-aicc'
import { toE164 } from '../customers/phone.ts'
import { stages } from '../store/calls.ts'
import { type Fact, type Kind, keepCallbacks } from './keep.ts'

/**
 * Huawei's callbacks. Each is in the store before it is answered, once, whatever the order and
 * however often it comes.
 */
export const callbackRoutes: FastifyPluginAsyncTypebox = async function callbackRoutes (app) {
  // Huawei documents no content type, so its callbacks may be forms.
  await app.register(formbody)
  const store = app.store.batch(keepCallbacks)

  app.post('/aicc/connected/:gate', {
    preValidation: app.huaweiAicc.verifyUnsigned,
    schema: {
      summary: 'A call is connected (unsigned)',
      tags: ['huawei-aicc'],
      body: ConnectionCallback,
      response: CallbackReplies
    }
  }, async (request) => {
    const { callSerialNo, called } = request.body
    await keep('connected', request.body, {
      ...nothing,
      call_serial_no: callSerialNo,
      ...parties(null, called),
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
    await keep('released', request.body, {
      ...nothing,
      call_serial_no: callSerialNo,
      ...parties(caller, called),
      stage: stages.released,
      connected_at: timeOf(talkingTime),
      released_at: timeOf(releaseTime) ?? app.now(),
      release_reason: releaseReason || null,
      talk_seconds: talkDuration || null
    })
    return success
  })

  async function keep (kind: Kind, body: object, fact: Fact): Promise<void> {
    app.metrics.callback(
      kind,
      await store({ kind, body: JSON.stringify(body), fact, now: app.now() })
    )
  }

  function parties (caller: string | null | undefined, called: string) {
    return {
      caller: caller || null,
      called: called || null,
      customer_number: toE164(called, app.config.PHONE_REGION) ?? (called || null)
    }
  }
}

const nothing = {
  agent_id: null,
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
