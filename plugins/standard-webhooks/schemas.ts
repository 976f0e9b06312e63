import { type Static, type TSchema, Type } from '@sinclair/typebox'

/**
 * A payload as the specification recommends it. For senders that do not follow the recommendation,
 * use a schema of your own.
 */
export const WebhookEvent = Type.Object({
  type: Type.String({ description: 'Names with full stops between them: `call.started`' }),
  timestamp: Type.String({ description: 'ISO 8601: when it happened, not when it was sent' }),
  data: Type.Object({})
})
export type WebhookEvent = Static<typeof WebhookEvent>

/** The same for one event type, with its data. */
export const WebhookEventOf = <Name extends string, Data extends TSchema>(
  type: Name,
  data: Data
) => Type.Object({ type: Type.Literal(type), timestamp: Type.String(), data })
