import { type Static, Type } from '@sinclair/typebox'

/**
 * The verified facts about a customer. The portal looks the customer up by `name`, `phoneNumber`
 * and `email`, and shows the others to the agent.
 */
export const VerifiedData = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true
})
export type VerifiedData = Static<typeof VerifiedData>

const text = (description: string) =>
  Type.Optional(Type.Unsafe<string | null>({ type: 'string', nullable: true, description }))

/** The value of `window.itxChat`, which the page sends to the portal. Every field is optional. */
export const ChatSession = Type.Object({
  verifiedData: Type.Optional(
    Type.Unsafe<VerifiedData | null>({ ...VerifiedData, nullable: true })
  ),
  extSystemHash: Type.Optional(
    Type.String({
      description:
        '40 lower-case hex digits over verifiedData and the fields below it, up to extSystemLookupCode'
    })
  ),
  name: text("The customer's name"),
  tag: text('A tag of the chat'),
  email: text("The customer's e-mail address"),
  phoneNumber: text("The customer's number"),
  extSystemTag: text('The third-party system, as named by ITX'),
  extSystemId: text('The entity in that system'),
  extSystemLookupCode: text("Replaces ${CODE} in a pop-up URL of the agent's"), // eslint-disable-line no-template-curly-in-string
  unverifiedData: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'Shown to the agent; not in the hash'
    })
  ),
  hideInputFields: Type.Optional(Type.Boolean({ description: 'Not in the hash' }))
})
export type ChatSession = Static<typeof ChatSession>

/** The argument of `window.itxChatUtils.verifySession`. */
export const VerifySession = Type.Object({
  verifiedData: VerifiedData,
  extSystemHash: Type.String()
})
export type VerifySession = Static<typeof VerifySession>

/** Every failure. ITX publishes no shape; this one is ours. */
export const ChatFailure = Type.Object({
  verified: Type.Unsafe<false>({ type: 'boolean', enum: [false] }),
  error: Type.String({ description: 'A stable code' }),
  message: Type.String()
})
export type ChatFailure = Static<typeof ChatFailure>

/**
 * For a route's `schema.response`: the session that the sign hook completes, and the failure for
 * every other status.
 */
export const ChatReplies = { 200: ChatSession, '4xx': ChatFailure, '5xx': ChatFailure }
