import { type Static, Type } from '@sinclair/typebox'

/** The source of an event: a user, alone or in a group or room. */
export const LineSource = Type.Object({
  type: Type.String({ description: '`user`, `group` or `room`' }),
  userId: Type.Optional(Type.String()),
  groupId: Type.Optional(Type.String()),
  roomId: Type.Optional(Type.String())
})
export type LineSource = Static<typeof LineSource>

const common = {
  webhookEventId: Type.String({ description: 'The same in each delivery of the event' }),
  timestamp: Type.Integer({ description: 'Epoch milliseconds' }),
  mode: Type.String({ description: '`active`; in `standby` another channel answers' }),
  deliveryContext: Type.Object({ isRedelivery: Type.Boolean() }),
  source: Type.Optional(LineSource)
}

/** A message from a customer. */
export const LineMessageEvent = Type.Object({
  ...common,
  type: Type.Literal('message'),
  replyToken: Type.Optional(Type.String()),
  message: Type.Object({
    id: Type.String(),
    type: Type.String({ description: '`text`, `image`, `sticker`, `location`, …' }),
    text: Type.Optional(Type.String())
  })
})
export type LineMessageEvent = Static<typeof LineMessageEvent>

/** A customer pressed one of our buttons. */
export const LinePostbackEvent = Type.Object({
  ...common,
  type: Type.Literal('postback'),
  replyToken: Type.Optional(Type.String()),
  postback: Type.Object({ data: Type.String() })
})
export type LinePostbackEvent = Static<typeof LinePostbackEvent>

/** A message that we sent to a telephone number was delivered. */
export const LineDeliveryEvent = Type.Object({
  ...common,
  type: Type.Literal('delivery'),
  delivery: Type.Object({ data: Type.String() })
})
export type LineDeliveryEvent = Static<typeof LineDeliveryEvent>

/** Any other event, such as `follow`, `unfollow` and `join`. */
export const LineOtherEvent = Type.Object({
  ...common,
  type: Type.String({ pattern: '^(?!(?:message|postback|delivery)$)' })
})
export type LineOtherEvent = Static<typeof LineOtherEvent>

/** A request from LINE. It has no events when LINE only tests the address. */
export const LineWebhook = Type.Object({
  destination: Type.String({ description: "The bot's user id" }),
  events: Type.Array(Type.Union([
    LineMessageEvent,
    LinePostbackEvent,
    LineDeliveryEvent,
    LineOtherEvent
  ]))
})
export type LineWebhook = Static<typeof LineWebhook>
