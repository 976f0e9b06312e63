import { type Static, Type } from '@sinclair/typebox'

const number = Type.Optional(Type.Union([Type.String(), Type.Null()]))

/** Voice: an incoming call, at the answer URL with the method POST. */
export const VonageAnswerRequest = Type.Object({
  uuid: Type.String({ description: "The call's" }),
  conversation_uuid: Type.String(),
  from: number,
  to: number,
  region_url: Type.Optional(Type.String())
})
export type VonageAnswerRequest = Static<typeof VonageAnswerRequest>

/** Voice: the answer, a list of actions (NCCO). */
export const VonageNcco = Type.Array(Type.Object({
  action: Type.String({ description: '`talk`, `connect`, `conversation`, `record`, `input`, …' })
}, { additionalProperties: true }))
export type VonageNcco = Static<typeof VonageNcco>

/** Voice: the status of a call. */
export const VonageCallEvent = Type.Object({
  uuid: Type.Optional(Type.String()),
  conversation_uuid: Type.Optional(Type.String()),
  status: Type.String({ description: '`started`, `ringing`, `answered`, `completed`, …' }),
  direction: Type.Optional(Type.String({ description: '`inbound` or `outbound`' })),
  timestamp: Type.Optional(Type.String({ description: 'ISO 8601' })),
  from: number,
  to: number,
  duration: Type.Optional(Type.Union([Type.String(), Type.Null()]))
})
export type VonageCallEvent = Static<typeof VonageCallEvent>

const message = {
  message_uuid: Type.String(),
  channel: Type.String({ description: '`sms`, `whatsapp`, `viber_service`, `messenger`, …' }),
  timestamp: Type.String({ description: 'ISO 8601' }),
  from: Type.String(),
  to: Type.String()
}

/** Messages: a message from a customer. */
export const VonageInboundMessage = Type.Object({
  ...message,
  message_type: Type.String({ description: '`text`, `image`, `audio`, …' }),
  text: Type.Optional(Type.String())
})
export type VonageInboundMessage = Static<typeof VonageInboundMessage>

/** Messages: the delivery status of a message that we sent. */
export const VonageMessageStatus = Type.Object({
  ...message,
  status: Type.String({ description: '`submitted`, `delivered`, `read`, `rejected`, …' }),
  error: Type.Optional(Type.Object({ title: Type.Optional(Type.String()) }))
})
export type VonageMessageStatus = Static<typeof VonageMessageStatus>
