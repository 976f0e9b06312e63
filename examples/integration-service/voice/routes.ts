import formbody from '@fastify/formbody'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import {
  TwilioCallStatus,
  TwilioVoiceCall,
  TwimlReplies,
  twimlType
} from 'fastify-contact-center/twilio'
import { toE164 } from '../customers/phone.ts'
import { agentById } from '../store/agents.ts'
import { stages } from '../store/calls.ts'
import { customerByPhone } from '../store/customers.ts'
import type { CallRow } from '../store/index.ts'
import { voiceCall } from '../store/voice-calls.ts'
import { type TwimlOptions, createApology, createDial, createHangUp, createWait } from './twiml.ts'
import {
  ringAgain,
  isFinalStatus,
  storeDialResult,
  storeVoiceCall,
  storeVoiceEnd,
  type VoiceCaller
} from './store-calls.ts'

const CallSid = Type.String({ pattern: '^CA[0-9a-fA-F]{32}$' })
const VoiceCall = Type.Object({ ...TwilioVoiceCall.properties, CallSid })
const Status = Type.Object({ ...TwilioCallStatus.properties, CallSid })
/** Twilio's result of `<Dial>`. */
const DialResult = Type.Object({
  ...VoiceCall.properties,
  DialCallStatus: Type.String({
    description: '`completed`, `answered`, `busy`, `no-answer`, `failed` or `canceled`'
  }),
  DialCallDuration: Type.Optional(Type.String({ description: 'Seconds' }))
})

/**
 * Twilio's calls. Twilio requests instructions for a caller every two seconds until an agent
 * accepts or the call ends: the service sends no requests, and any process can answer.
 */
export const voiceRoutes: FastifyPluginAsyncTypebox = async function voiceRoutes (app) {
  const { config, store } = app
  const twimlOptions: TwimlOptions = {
    publicUrl: config.PUBLIC_URL,
    language: config.TWILIO_LANGUAGE,
    waiting: config.TWILIO_WAITING,
    nobody: config.TWILIO_NOBODY
  }
  await app.register(formbody)
  // The signature covers Twilio's URL, with the path of PUBLIC_URL, whether or not a proxy has
  // stripped it.
  app.addHook('onRequest', async ({ raw }) => {
    Object.assign(raw, { originalUrl: raw.url })
  })

  app.post('/twilio/voice', {
    preValidation: app.twilio.verify,
    schema: {
      summary: 'A customer calls (signed)',
      description:
        'The call rings at the desks. Later requests return the next instruction for the caller.',
      tags: ['twilio'],
      body: VoiceCall,
      response: TwimlReplies
    }
  }, async (request, reply) => {
    reply.type(twimlType)
    const { CallStatus } = request.body
    const caller = parseCaller(request.body)
    const call = await store.read(db => voiceCall(db, caller.callSid)) ?? await startCall(caller)
    return await createNextInstruction(call, CallStatus !== 'in-progress')
  })

  app.post('/twilio/dialled', {
    preValidation: app.twilio.verify,
    schema: {
      summary: "The call to the agent's telephone has ended (signed)",
      tags: ['twilio'],
      body: DialResult,
      response: TwimlReplies
    }
  }, async (request, reply) => {
    reply.type(twimlType)
    const { CallSid, DialCallStatus, DialCallDuration = '' } = request.body
    const wasConnected = DialCallStatus === 'completed' || DialCallStatus === 'answered'
    await storeCallback('dialled', async change =>
      await storeDialResult(change, {
        callSid: CallSid,
        talkSeconds: wasConnected ? parseSeconds(DialCallDuration) : null,
        body: JSON.stringify(request.body),
        now: app.now()
      }))
    return wasConnected ? createHangUp() : createApology(twimlOptions)
  })

  app.post('/twilio/status', {
    preValidation: app.twilio.verify,
    schema: {
      summary: 'The status of a call (signed)',
      description: 'Only the final status of a caller’s call has an effect.',
      tags: ['twilio'],
      body: Status,
      response: { 204: Type.Null() }
    }
  }, async (request, reply) => {
    const { CallStatus, Direction = 'inbound', ParentCallSid, Timestamp = '' } = request.body
    const isCustomerCall = Direction === 'inbound' && ParentCallSid === undefined
    if (isCustomerCall && isFinalStatus(CallStatus)) {
      const now = app.now()
      await storeCallback('status', async change =>
        await storeVoiceEnd(change, {
          ...parseCaller(request.body),
          status: CallStatus,
          at: Date.parse(Timestamp) || now,
          body: JSON.stringify(request.body),
          now
        }))
    }
    return await reply.code(204).send(null)
  })

  function parseCaller (
    { CallSid, From, To }: Pick<TwilioVoiceCall, 'CallSid' | 'From' | 'To'>
  ): VoiceCaller {
    const hasNumber = /^\+?[0-9]+$/.test(From) && !withheldNumbers.has(From)
    return {
      callSid: CallSid,
      from: From,
      to: To,
      number: hasNumber ? toE164(From, config.PHONE_REGION) : null
    }
  }

  async function startCall (caller: VoiceCaller): Promise<CallRow | undefined> {
    const { number } = caller
    const customer = number === null
      ? undefined
      : await store.read(db => customerByPhone(db, number))
    return await store.commit(async change =>
      await storeVoiceCall(change, caller, { customer, now: app.now() })
    )
  }

  /** The next instruction for the caller. */
  async function createNextInstruction (
    call: CallRow | undefined,
    isFirst: boolean
  ): Promise<string> {
    if (call === undefined || call.stage === stages.released) return createApology(twimlOptions)
    const { agent_id: agentId } = call
    if (agentId === null) return createWait(twimlOptions, isFirst)
    const agent = await store.read(db => agentById(db, agentId))
    if (agent !== undefined && agent.disabled_at === null) {
      return createDial(twimlOptions, agent.phone)
    }
    // The agent was disabled meanwhile: offer the call to the others.
    await store.commit(async change => await ringAgain(change, call, agentId))
    return createWait(twimlOptions, isFirst)
  }

  async function storeCallback (
    kind: string,
    change: Parameters<typeof store.commit<'stored' | 'repeated'>>[0]
  ): Promise<void> {
    app.metrics.countCallback(`twilio-${kind}`, await store.commit(change))
  }
}

/** ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE, typed on a telephone keypad. */
const withheldNumbers = new Set([
  '+266696687',
  '+7378742833',
  '+2562533',
  '+8656696',
  '+86282452253'
])

function parseSeconds (text: string): string {
  return /^[0-9]{1,7}$/.test(text) ? text : '0'
}
