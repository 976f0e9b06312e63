import { type Static, Type } from '@sinclair/typebox'
import { releaseReasons } from 'fastify-contact-center/huawei-aicc'
import { formatNumber } from '../customers/phone.ts'
import { Customer, toCustomerView } from '../customers/view.ts'
import { type CallPosition, type Progress, stages } from '../store/calls.ts'
import { customersByPhone } from '../store/customers.ts'
import type { CallRow, CustomerRow, Db, WrapUpRow } from '../store/index.ts'
import { wrapUpsOf } from '../store/wrap-ups.ts'

const nullableText = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })
const nullableTime = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description: `${description}; epoch milliseconds` })
const State = Type.Union([
  Type.Literal('dialling'),
  Type.Literal('ringing'),
  Type.Literal('connected'),
  Type.Literal('released')
])
const Direction = Type.Union([Type.Literal('inbound'), Type.Literal('outbound')])
const Closed = Type.Union([
  Type.Literal('missed'),
  Type.Literal('answered-elsewhere'),
  Type.Literal('agent'),
  Type.Literal('silence'),
  Type.Null()
], { description: 'Why the service closed the call; null if a vendor ended it' })

/** An agent's wrap-up of a call. */
export const WrapUp = Type.Object({
  disposition: Type.String(),
  note: Type.String(),
  agentId: Type.String({ description: 'The author' }),
  writtenAt: Type.Integer({ description: 'Epoch milliseconds' })
})

/** A call as agents see it. */
export const Call = Type.Object({
  callSerialNo: Type.String({
    description: "Huawei's id (19 digits, too many for a double), Twilio's, or ours"
  }),
  direction: Direction,
  state: State,
  agentId: nullableText('The agent who dialled or accepted'),
  caller: nullableText('The calling party'),
  called: nullableText('The called party'),
  customerNumber: nullableText("The customer's number, E.164"),
  customerNumberText: nullableText("The customer's number, formatted"),
  releaseReason: nullableText("Huawei's code, or Twilio's status"),
  releaseText: nullableText('The release reason as text'),
  closed: Closed,
  talkSeconds: Type.Union([Type.Integer(), Type.Null()], { description: "The vendor's count" }),
  createdAt: Type.Integer(),
  acceptedAt: nullableTime('When an agent accepted it'),
  connectedAt: nullableTime('When the vendor reported the connection'),
  releasedAt: nullableTime('When it ended'),
  customer: Type.Union([Customer, Type.Null()]),
  wrapUp: Type.Union([WrapUp, Type.Null()])
})
export type Call = Static<typeof Call>

/** Reads the calls' customers and wrap-ups, with two queries for any number of calls. */
export async function readCallViews (db: Db, rows: readonly CallRow[]): Promise<Call[]> {
  const customers = await customersByPhone(db, rows.flatMap(row => row.customer_number ?? []))
  const wrapUps = await wrapUpsOf(db, rows.map(row => row.call_serial_no))
  return rows.map(row =>
    toCallView(row, customers.get(row.customer_number ?? ''), wrapUps.get(row.call_serial_no))
  )
}

export function toCallView (
  row: CallRow,
  customer: CustomerRow | undefined,
  wrapUp?: WrapUpRow
): Call {
  return {
    callSerialNo: row.call_serial_no,
    direction: row.direction ?? 'outbound',
    state: toState(row),
    agentId: row.agent_id,
    caller: row.caller,
    called: row.called,
    customerNumber: row.customer_number,
    customerNumberText: row.customer_number === null ? null : formatNumber(row.customer_number),
    releaseReason: row.release_reason,
    releaseText: describeRelease(row),
    closed: row.closed,
    talkSeconds: parseSeconds(row.talk_seconds),
    createdAt: row.created_at,
    acceptedAt: row.accepted_at,
    connectedAt: row.connected_at,
    releasedAt: row.released_at,
    customer: customer === undefined ? null : toCustomerView(customer),
    wrapUp: wrapUp === undefined ? null : toWrapUpView(wrapUp)
  }
}

export function toWrapUpView (
  { disposition, note, agent_id: agentId, written_at: writtenAt }: WrapUpRow
): Static<typeof WrapUp> {
  return { disposition, note, agentId, writtenAt }
}

const closedTexts: Record<NonNullable<CallRow['closed']>, string> = {
  missed: 'Nobody answered',
  'answered-elsewhere': 'Answered on another line',
  agent: 'Closed by the agent',
  silence: 'Closed without a report from the vendor'
}

/** Twilio's terms. */
const twilioReasons: Readonly<Record<string, string>> = {
  completed: 'Ended',
  busy: 'Busy',
  'no-answer': 'Nobody answered',
  failed: 'The call failed',
  canceled: 'The caller hung up'
}

function describeRelease (
  { release_reason: reason, closed }: Pick<CallRow, 'release_reason' | 'closed'>
): string | null {
  if (closed === 'missed') return closedTexts.missed
  if (reason !== null) {
    return releaseReasons[reason] ?? twilioReasons[reason] ?? `Exception ${reason}`
  }
  return closed === null ? null : closedTexts[closed]
}

/** The vendor's field is text of up to 19 digits; no call lasts that long. */
function parseSeconds (text: string | null): number | null {
  const seconds = Number(text)
  return text === null || !Number.isSafeInteger(seconds) ? null : seconds
}

export function toState (
  { stage, direction }: Pick<CallRow, 'stage' | 'direction'>
): Static<typeof State> {
  if (stage >= stages.released) return 'released'
  if (stage >= stages.connected) return 'connected'
  return direction === 'inbound' ? 'ringing' : 'dialling'
}

/** The event for a changed call; the desks concerned fetch the rest. */
export function createCallEvent (call: Progress) {
  return {
    callSerialNo: call.call_serial_no,
    agentId: call.agent_id,
    direction: call.direction ?? 'outbound',
    state: toState(call),
    releaseReason: call.release_reason,
    closed: call.closed,
    customerNumber: call.customer_number,
    createdAt: call.created_at,
    connectedAt: call.connected_at
  }
}

/** {@link createCallEvent} for calls that are new to the desks: adds the customer. */
export function createFirstEvent (call: Progress, customer: CustomerRow | undefined) {
  const number = call.customer_number
  return {
    ...createCallEvent(call),
    customerName: customer?.name ?? null,
    customerNumberText: number === null ? null : formatNumber(number)
  }
}

/** The end of a page as an opaque text for clients. */
export function encodeCursor (
  { created_at: createdAt, call_serial_no: callSerialNo }: CallRow
): string {
  return Buffer.from(`${createdAt}.${callSerialNo}`).toString('base64url')
}

/** Undefined if the text is not one of our cursors. */
export function parseCursor (cursor: string): CallPosition | undefined {
  const parts = /^([0-9]{1,15})\.([^\0]{1,80})$/s.exec(Buffer.from(cursor, 'base64url').toString())
  const [, createdAt, callSerialNo] = parts ?? []
  return createdAt === undefined || callSerialNo === undefined
    ? undefined
    : { createdAt: Number(createdAt), callSerialNo }
}
