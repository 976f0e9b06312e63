import { createRingingEvent } from '../calls/inbound.ts'
import { createCallEvent } from '../calls/view.ts'
import { addCallbacks, markMissed, mergeCall, stages } from '../store/calls.ts'
import { customerByPhone } from '../store/customers.ts'
import type { CallRow, Change, CustomerRow, Db } from '../store/index.ts'
import { addRing } from '../store/open-calls.ts'
import { endDialledCall, returnToRinging, assignIdToRing, voiceCall } from '../store/voice-calls.ts'

/** The caller, as Twilio reports it. */
export interface VoiceCaller {
  readonly callSid: string
  readonly from: string
  readonly to: string
  /** `from`, E.164; null if it is not a number. */
  readonly number: string | null
}

/** Makes the call ring at the desks, unless it is already stored. */
export async function storeVoiceCall (
  { db, publish }: Change,
  { callSid, from, to, number }: VoiceCaller,
  { customer, now }: { customer: CustomerRow | undefined, now: number }
): Promise<CallRow | undefined> {
  const ring = { callSerialNo: callSid, customerNumber: number, caller: from, called: to, now }
  // The second pass sees a call that another process has added meanwhile.
  for (const isSeparate of [false, true]) {
    const storedCall = await findCall(db, callSid, number)
    if (storedCall !== undefined) return storedCall
    if (await addRing(db, { ...ring, isSeparate })) {
      publish('call.ringing', createRingingEvent(callSid, number, customer, now))
    }
  }
  return await voiceCall(db, callSid)
}

/** The call with this id, or the one that rings for this caller, which gets the id. */
async function findCall (
  db: Db,
  callSid: string,
  number: string | null
): Promise<CallRow | undefined> {
  const callBySid = await voiceCall(db, callSid)
  if (callBySid !== undefined || number === null) return callBySid
  return await assignIdToRing(db, { vendorSerialNo: callSid, customerNumber: number })
}

/**
 * Final statuses of a call. The others are ignored: Twilio's own voice answers while the caller
 * waits, so `in-progress` does not mean an agent.
 */
const finalStatuses = new Set(['completed', 'no-answer', 'busy', 'failed', 'canceled'])

export function isFinalStatus (status: string): boolean {
  return finalStatuses.has(status)
}

export interface VoiceEnd extends VoiceCaller {
  /** A final status. */
  readonly status: string
  /** When the status changed, epoch milliseconds. */
  readonly at: number
  /** As received, JSON. */
  readonly body: string
  readonly now: number
}

/** Ends a call. One that ends before it was stored never rings. */
export async function storeVoiceEnd (
  { db, publish }: Change,
  { callSid, from, to, number, status, at, body, now }: VoiceEnd
): Promise<'stored' | 'repeated'> {
  if (!await addCallback({ db }, callSid, status, body, now)) return 'repeated'
  const storedCall = await voiceCall(db, callSid)
  const merged = await mergeCall(db, {
    call_serial_no: storedCall?.call_serial_no ?? callSid,
    agent_id: null,
    direction: 'inbound',
    caller: from,
    called: to,
    customer_number: number,
    stage: stages.released,
    release_reason: status,
    talk_seconds: null,
    created_at: now,
    connected_at: null,
    released_at: at
  }, 'released')
  await markMissed(db, [merged])
  if (storedCall?.stage !== stages.released) await publishEnd({ db, publish }, callSid)
  return 'stored'
}

/** The outcome on the agent's line; `talkSeconds` is null if nobody answered there. */
export async function storeDialResult (
  { db, publish }: Change,
  { callSid, talkSeconds, body, now }: {
    callSid: string,
    talkSeconds: string | null,
    body: string,
    now: number
  }
): Promise<'stored' | 'repeated'> {
  const storedCall = await voiceCall(db, callSid)
  if (storedCall === undefined) return 'stored'
  if (!await addCallback({ db }, callSid, 'dialled', body, now)) return 'repeated'
  await endDialledCall(db, { callSerialNo: storedCall.call_serial_no, talkSeconds, now })
  if (storedCall.stage !== stages.released) await publishEnd({ db, publish }, callSid)
  return 'stored'
}

/** Makes a call ring again whose agent cannot take it any more. */
export async function ringAgain (
  { db, publish }: Change,
  { call_serial_no: callSerialNo }: CallRow,
  agentId: string
): Promise<void> {
  const call = await returnToRinging(db, { callSerialNo, agentId })
  if (call === undefined) return
  const number = call.customer_number
  const customer = number === null ? undefined : await customerByPhone(db, number)
  publish('call.ringing', createRingingEvent(callSerialNo, number, customer, call.created_at))
}

/** Stored first: of two processes that receive the same callback, the second waits here. */
async function addCallback (
  { db }: Pick<Change, 'db'>,
  callSid: string,
  status: string,
  body: string,
  now: number
): Promise<boolean> {
  const added = await addCallbacks(db, [{
    call_serial_no: callSid,
    kind: `twilio-${status}`,
    body,
    received_at: now
  }])
  return added.length > 0
}

async function publishEnd ({ db, publish }: Change, callSid: string): Promise<void> {
  const call = await voiceCall(db, callSid)
  if (call === undefined) return
  publish(call.closed === 'missed' ? 'call.missed' : 'call.released', createCallEvent(call))
}
