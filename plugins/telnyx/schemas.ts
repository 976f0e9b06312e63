import { type Static, Type } from '@sinclair/typebox'

const event = {
  id: Type.String({ description: 'The same in each delivery of the event' }),
  record_type: Type.Literal('event'),
  occurred_at: Type.String({ description: 'ISO 8601' })
}
const meta = Type.Optional(Type.Object({
  attempt: Type.Optional(Type.Integer()),
  delivered_to: Type.Optional(Type.String())
}))

/** Call Control: a call is initiated, answered, bridged or hung up. */
export const TelnyxCallEvent = Type.Object({
  data: Type.Object({
    ...event,
    event_type: Type.String({
      pattern: '^call\\.',
      description: '`call.initiated`, `call.answered`, `call.bridged`, `call.hangup` and others'
    }),
    payload: Type.Object({
      call_control_id: Type.String(),
      call_leg_id: Type.Optional(Type.String()),
      call_session_id: Type.Optional(Type.String()),
      connection_id: Type.Optional(Type.String()),
      direction: Type.Optional(Type.String({ description: '`incoming` or `outgoing`' })),
      from: Type.Optional(Type.String()),
      to: Type.Optional(Type.String()),
      state: Type.Optional(Type.String()),
      hangup_cause: Type.Optional(Type.String()),
      client_state: Type.Optional(Type.Union([Type.String(), Type.Null()]))
    })
  }),
  meta
})
export type TelnyxCallEvent = Static<typeof TelnyxCallEvent>

const TelnyxNumber = Type.Object({
  phone_number: Type.String(),
  status: Type.Optional(Type.String({ description: 'Of a recipient: `queued`, `delivered`, …' }))
})

/** Messaging: `message.received`, and `message.sent` and `message.finalized` for our messages. */
export const TelnyxMessageEvent = Type.Object({
  data: Type.Object({
    ...event,
    event_type: Type.String({ pattern: '^message\\.' }),
    payload: Type.Object({
      id: Type.String(),
      direction: Type.Optional(Type.String({ description: '`inbound` or `outbound`' })),
      type: Type.Optional(Type.String({ description: '`SMS` or `MMS`' })),
      from: TelnyxNumber,
      to: Type.Array(TelnyxNumber),
      text: Type.Optional(Type.Union([Type.String(), Type.Null()]))
    })
  }),
  meta
})
export type TelnyxMessageEvent = Static<typeof TelnyxMessageEvent>

/** Any event. */
export const TelnyxEvent = Type.Object({
  data: Type.Object({ ...event, event_type: Type.String(), payload: Type.Object({}) }),
  meta
})
export type TelnyxEvent = Static<typeof TelnyxEvent>
