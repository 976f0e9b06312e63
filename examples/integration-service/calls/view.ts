import { type Static, Type } from '@sinclair/typebox'
import { releaseReasons } from 'fastify-contact-center/huawei-aicc'
import { Customer, customerView } from '../customers/view.ts'
import { type CallPosition, stages } from '../store/calls.ts'
import type { CallRow, CustomerRow } from '../store/index.ts'

const nullable = (description: string) => Type.Union([Type.String(), Type.Null()], { description })
const time = (description: string) =>
  Type.Union([Type.Integer(), Type.Null()], { description: `${description}; epoch milliseconds` })
const State = Type.Union([
  Type.Literal('dialling'),
  Type.Literal('connected'),
  Type.Literal('released')
])

/** What an agent sees of a call. */
export const Call = Type.Object({
  callSerialNo: Type.String({ description: "Huawei's 19 digits, which no double holds" }),
  state: State,
  agentId: nullable('Who dialled'),
  caller: nullable("The agent's side"),
  called: nullable("The customer's side"),
  customerNumber: nullable("The customer's number, E.164"),
  releaseReason: nullable("Huawei's code"),
  releaseText: nullable('How the call ended, for people'),
  talkSeconds: nullable('As Huawei counted'),
  createdAt: Type.Integer(),
  connectedAt: time('When we were told that it is connected'),
  releasedAt: time('When it ended'),
  customer: Type.Union([Customer, Type.Null()])
})
export type Call = Static<typeof Call>

export function callView (row: CallRow, customer: CustomerRow | undefined): Call {
  return {
    callSerialNo: row.call_serial_no,
    state: stateOf(row.stage),
    agentId: row.agent_id,
    caller: row.caller,
    called: row.called,
    customerNumber: row.customer_number,
    releaseReason: row.release_reason,
    releaseText: row.release_reason === null
      ? null
      : releaseReasons[row.release_reason] ?? `Exception ${row.release_reason}`,
    talkSeconds: row.talk_seconds,
    createdAt: row.created_at,
    connectedAt: row.connected_at,
    releasedAt: row.released_at,
    customer: customer === undefined ? null : customerView(customer)
  }
}

export function stateOf (stage: number): Static<typeof State> {
  return stage >= stages.released
    ? 'released'
    : stage >= stages.connected
    ? 'connected'
    : 'dialling'
}

/** Where a page ended, as text that a client hands back. */
export function toCursor (
  { created_at: createdAt, call_serial_no: callSerialNo }: CallRow
): string {
  return Buffer.from(`${createdAt}.${callSerialNo}`).toString('base64url')
}

/** Undefined for text that is no cursor of ours. */
export function fromCursor (cursor: string): CallPosition | undefined {
  const parts = /^([0-9]{1,15})\.(.{1,50})$/s.exec(Buffer.from(cursor, 'base64url').toString())
  const [, createdAt, callSerialNo] = parts ?? []
  return createdAt === undefined || callSerialNo === undefined
    ? undefined
    : { createdAt: Number(createdAt), callSerialNo }
}
