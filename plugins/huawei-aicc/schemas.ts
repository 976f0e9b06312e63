import { type Static, type TSchema, Type } from '@sinclair/typebox'

/**
 * Text that keeps the signed text unambiguous. The vendor joins `name=value` with commas and
 * escapes nothing, so a value with `,x=` in it could be read as another parameter; a comma alone or
 * an equals sign alone could not.
 */
const unambiguous = '^[^,]*(,[^=]*)?$'
/**
 * A number or an id. Control characters are excluded too, because a database may reject them after
 * the callback was accepted.
 */
const word = '^[^,= \\u0000-\\u001f\\u007f]*$'
const digits = '^[0-9]*$'
const time = '^([0-9]{4}/[0-9]{2}/[0-9]{2},[0-9]{2}:[0-9]{2}:[0-9]{2}:[0-9]{3})?$'

/**
 * Text or null. One list of types rather than a union, in which coercion would turn null into '' or
 * '' into null.
 */
const nullable = (pattern: string, maxLength: number, description: string) =>
  Type.Optional(
    Type.Unsafe<string | null>({ type: ['string', 'null'], pattern, maxLength, description })
  )

const callSerialNo = Type.String({
  minLength: 1,
  maxLength: 50,
  pattern: word,
  description: 'Names the call; usually 19 digits'
})
const serviceNo = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 128,
  pattern: word,
  description: 'The service number; may be empty'
})
const called = Type.String({ maxLength: 128, pattern: word, description: 'The called number' })
const callData = nullable(unambiguous, 1024, 'As passed to createCall')
const releaseReason = nullable('^-?[0-9]*$', 10, 'See releaseReasons')

const signature = {
  timestamp: Type.Optional(
    Type.String({ pattern: digits, maxLength: 19, description: 'Epoch milliseconds' })
  ),
  nonce: Type.Optional(Type.String({ maxLength: 256 })),
  signature: Type.Optional(Type.String({ maxLength: 44 }))
}

/**
 * Additional fields are kept; they are signed too. Their names have no spaces or separators, and
 * their values are text or null. Fastify's coercion turns other plain values into text.
 */
const open = {
  propertyNames: { pattern: word },
  additionalProperties: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    pattern: unambiguous
  })
}

/** The connection callback, which is never signed. */
export const ConnectionCallback = Type.Object({ callSerialNo, serviceNo, called, callData }, open)
export type ConnectionCallback = Static<typeof ConnectionCallback>

/**
 * The release callback. {@link parseCallTime} parses its times; the time of an event that did not
 * happen is empty, null or missing.
 */
export const ReleaseCallback = Type.Object({
  callSerialNo,
  serviceNo,
  called,
  caller: nullable(word, 128, 'The calling number'),
  callerPresent: nullable(word, 128, 'The number shown to the called party'),
  callData,
  createCallTime: nullable(time, 23, 'When the call was requested'),
  alertingTime: nullable(time, 23, "When the called party's phone rang"),
  talkingTime: nullable(time, 23, 'When the called party answered'),
  releaseTime: nullable(time, 23, 'When the call ended'),
  talkDuration: nullable(digits, 19, 'How long the called party talked'),
  recordfile: nullable('^[^,=]*$', 1024, 'The path of the recording'),
  locationId: nullable(word, 128, 'Where the recording is kept'),
  releaseReason,
  agentAlertingTime: nullable(time, 23, "When the agent's phone rang"),
  agentTalkingTime: nullable(time, 23, 'When the agent answered'),
  agentReleaseTime: nullable(time, 23, "When the agent's leg ended"),
  agentTalkDuration: nullable(digits, 19, 'How long the agent talked'),
  ...signature
}, open)
export type ReleaseCallback = Static<typeof ReleaseCallback>

/**
 * The voice-notification callback. Only the fields that are certain are declared; others are kept.
 */
export const VoiceNotificationCallback = Type.Object({
  callSerialNo,
  releaseReason,
  callData,
  ...signature
}, open)
export type VoiceNotificationCallback = Static<typeof VoiceNotificationCallback>

/**
 * The answer after which the vendor does not repeat the callback. Not a `const`: the serializer
 * would write it in place of another code of the handler, and report a failure as success.
 */
export const CallbackSuccess = Type.Object({
  retCode: Type.Unsafe<'0'>({ type: 'string', enum: ['0'] }),
  retMsg: Type.String()
})
export type CallbackSuccess = Static<typeof CallbackSuccess>

/** Any other answer. */
export const CallbackFailure = Type.Object({
  retCode: Type.String({ pattern: '^(?!0$)' }),
  retMsg: Type.String()
})
export type CallbackFailure = Static<typeof CallbackFailure>

/** For a route's `schema.response`. */
export const CallbackReplies = {
  200: CallbackSuccess,
  '4xx': CallbackFailure,
  '5xx': CallbackFailure
} satisfies Record<string, TSchema>

/** The result of a handler that has stored the callback. */
export const success: Readonly<CallbackSuccess> = Object.freeze({ retCode: '0', retMsg: 'success' })

/** createCall V1.0.0. `callBackUrl` is the URL itself; the client encodes it. */
export const CreateCallRequest = Type.Object({
  caller: Type.String({
    minLength: 1,
    maxLength: 32,
    description: "The agent's number, called first"
  }),
  called: Type.String({ minLength: 1, maxLength: 32, description: "The customer's number" }),
  agentWorkNo: Type.Optional(Type.String()),
  callData: Type.Optional(
    Type.String({
      maxLength: 1024,
      pattern: unambiguous,
      description: 'Comes back in the callbacks'
    })
  ),
  callerPresent: Type.Optional(Type.String()),
  agentPresent: Type.Optional(Type.String()),
  callBackUrl: Type.Optional(
    Type.String({
      pattern: '^https?://[a-zA-Z0-9\\-:./_#?&]+$',
      description: 'Where the release callback is sent, signed'
    })
  )
})
export type CreateCallRequest = Static<typeof CreateCallRequest>

/** The result of createCall. `callSerialNo` identifies the call in its callbacks. */
export const CreateCallResult = Type.Object({ callSerialNo: Type.String() })
export type CreateCallResult = Static<typeof CreateCallResult>

/** How a call ended, by `releaseReason`; any other code is an exception at the vendor. */
export const releaseReasons: Readonly<Record<string, string>> = {
  0: 'The called party hung up',
  1: 'The calling party hung up',
  2: 'The calling party could not be reached',
  3: 'The called party could not be reached',
  4: 'The calling party did not answer',
  5: 'The called party did not answer'
}

/** How a voice notification ended, by `releaseReason`. */
export const voiceNotificationReasons: Readonly<Record<string, string>> = {
  0: 'The called party hung up',
  1: 'Hung up after the message was played',
  4: 'Refused or not answered',
  6: 'Failed before the phone rang',
  8: 'No resource was free',
  9: 'Waited in the queue too long',
  10: 'Restricted',
  999: 'The conference failed'
}
