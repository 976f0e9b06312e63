import { type Static, Type } from '@sinclair/typebox'

const event = { event_ts: Type.Integer({ description: 'Epoch milliseconds' }) }
const time = Type.String({ description: 'ISO 8601' })

/**
 * Contact Center: an engagement starts, is answered or transferred, or ends. The optional fields
 * depend on the event and the channel; other fields are accepted.
 */
export const EngagementEvent = Type.Object({
  ...event,
  event: Type.String({
    pattern: '^contact_center\\.engagement_[a-z_]+$',
    description: '`contact_center.engagement_started`, `…_user_answered`, `…_ended` and others'
  }),
  payload: Type.Object({
    account_id: Type.String(),
    object: Type.Object({
      engagement_id: Type.String(),
      channel: Type.Optional(Type.String({ description: '`voice`, `sms`, `chat`, `video`, …' })),
      channel_source: Type.Optional(Type.String()),
      direction: Type.Optional(Type.String({ description: '`inbound` or `outbound`' })),
      consumer_number: Type.Optional(Type.String()),
      consumer_display_name: Type.Optional(Type.String()),
      consumer_email: Type.Optional(Type.String()),
      flow_id: Type.Optional(Type.String()),
      flow_name: Type.Optional(Type.String()),
      queue_id: Type.Optional(Type.String()),
      queue_name: Type.Optional(Type.String()),
      user_id: Type.Optional(Type.String({ description: "The agent's" })),
      user_display_name: Type.Optional(Type.String()),
      start_time: Type.Optional(time),
      end_time: Type.Optional(time),
      date_time: Type.Optional(time)
    })
  })
})
export type EngagementEvent = Static<typeof EngagementEvent>

const PhoneParty = Type.Object({
  phone_number: Type.Optional(Type.String()),
  extension_number: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  user_id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String())
})

/** Zoom Phone: a call rings, is answered or missed, or ends; separately for each leg. */
export const PhoneCallEvent = Type.Object({
  ...event,
  event: Type.String({
    pattern: '^phone\\.(?:callee|caller)_[a-z_]+$',
    description: '`phone.callee_ringing`, `…_answered`, `…_missed`, `…_ended` and others'
  }),
  payload: Type.Object({
    account_id: Type.String(),
    object: Type.Object({
      call_id: Type.String(),
      caller: Type.Optional(PhoneParty),
      callee: Type.Optional(PhoneParty),
      ringing_start_time: Type.Optional(time),
      answer_start_time: Type.Optional(time),
      call_end_time: Type.Optional(time)
    })
  })
})
export type PhoneCallEvent = Static<typeof PhoneCallEvent>

/** The request with which Zoom verifies the address. The guard answers it. */
export const UrlValidation = Type.Object({
  ...event,
  event: Type.Literal('endpoint.url_validation'),
  payload: Type.Object({ plainToken: Type.String() })
})
export type UrlValidation = Static<typeof UrlValidation>

/** The answer to {@link UrlValidation}. */
export const UrlValidated = Type.Object({
  plainToken: Type.String(),
  encryptedToken: Type.String({ description: 'hex HMAC-SHA-256 of plainToken' })
})
export type UrlValidated = Static<typeof UrlValidated>

/** Any other event. */
export const ZoomEvent = Type.Object({
  ...event,
  event: Type.String(),
  payload: Type.Object({})
})
export type ZoomEvent = Static<typeof ZoomEvent>
