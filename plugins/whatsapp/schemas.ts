import { type Static, Type } from '@sinclair/typebox'

const timestamp = Type.String({ description: 'Epoch seconds, as text' })

/** A message from a customer. `type` names the field with its content. */
export const InboundMessage = Type.Object({
  id: Type.String({ description: '`wamid.…`' }),
  from: Type.String({ description: "The customer's number, digits only" }),
  timestamp,
  type: Type.String({ description: '`text`, `image`, `audio`, `interactive`, `button`, …' }),
  text: Type.Optional(Type.Object({ body: Type.String() })),
  context: Type.Optional(Type.Object({ id: Type.Optional(Type.String()) }))
})
export type InboundMessage = Static<typeof InboundMessage>

/** The delivery status of a message that we sent. */
export const MessageStatus = Type.Object({
  id: Type.String({ description: "The message's" }),
  status: Type.String({ description: '`sent`, `delivered`, `read` or `failed`' }),
  timestamp,
  recipient_id: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ code: Type.Integer() })))
})
export type MessageStatus = Static<typeof MessageStatus>

/** The value of a change whose field is `messages`. */
export const MessagesValue = Type.Object({
  messaging_product: Type.Literal('whatsapp'),
  metadata: Type.Object({
    display_phone_number: Type.String(),
    phone_number_id: Type.String()
  }),
  contacts: Type.Optional(Type.Array(Type.Object({
    wa_id: Type.Optional(Type.String()),
    profile: Type.Optional(Type.Object({ name: Type.Optional(Type.String()) }))
  }))),
  messages: Type.Optional(Type.Array(InboundMessage)),
  statuses: Type.Optional(Type.Array(MessageStatus))
})
export type MessagesValue = Static<typeof MessagesValue>

/**
 * A notification: several accounts with several changes each. Changes of other fields than
 * `messages` may have any value.
 */
export const WhatsappNotification = Type.Object({
  object: Type.Literal('whatsapp_business_account'),
  entry: Type.Array(Type.Object({
    id: Type.String({ description: 'The WhatsApp Business account' }),
    changes: Type.Array(Type.Union([
      Type.Object({ field: Type.Literal('messages'), value: MessagesValue }),
      Type.Object({ field: Type.String({ pattern: '^(?!messages$)' }), value: Type.Unknown() })
    ]))
  }))
})
export type WhatsappNotification = Static<typeof WhatsappNotification>
