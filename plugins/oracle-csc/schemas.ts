import { type Static, Type } from '@sinclair/typebox'

/** The query of a click-to-call URL with a hash, under the default parameter names. */
export const ClickToCallQuery = Type.Object({
  clickToCallInit: Type.Literal('true'),
  username: Type.String({ description: "The agent's CSC login" }),
  hash: Type.String({
    description: 'Hex, leading zeros dropped or kept',
    pattern: '^[0-9A-Fa-f]{1,64}$'
  }),
  UserTelephoneNumber: Type.String({ description: "The customer's number" }),
  callid: Type.Optional(Type.String({ description: "The call's unique id" })),
  estara_fsguid: Type.Optional(Type.String({ description: "The voice vendor's session guid" })),
  token: Type.Optional(Type.String({ description: "The call's token" })),
  referrer: Type.Optional(Type.String({ description: 'The page that the call came from' }))
})
export type ClickToCallQuery = Static<typeof ClickToCallQuery>

const fields = {
  username: Type.String({ description: "The agent's CSC login" }),
  callerId: Type.String({ description: "The customer's number" }),
  callId: Type.Optional(Type.String({ description: "The call's unique id" })),
  sessionGuid: Type.Optional(Type.String({ description: "The voice vendor's session guid" })),
  callToken: Type.Optional(Type.String({ description: "The call's token" })),
  referrer: Type.Optional(Type.String({ description: 'The page that the call came from' }))
}

/** The result of a handler on a route with the `sign` hook. */
export const ClickToCall = Type.Object(fields)
export type ClickToCall = Static<typeof ClickToCall>

/** The reply of the `sign` hook. Its URL signs the agent in: treat it as a password. */
export const ClickToCallLink = Type.Object({
  ...fields,
  url: Type.String({ description: 'Opens CSC and signs the agent in' })
})
export type ClickToCallLink = Static<typeof ClickToCallLink>

/** Every failure. CSC publishes no shape; this one is ours. */
export const ClickToCallFailure = Type.Object({ error: Type.String(), message: Type.String() })
export type ClickToCallFailure = Static<typeof ClickToCallFailure>

/**
 * For the `schema.response` of a route with the `sign` hook: its handler returns
 * {@link ClickToCall}, and the hook adds the URL.
 */
export const ClickToCallReplies = {
  200: Type.Unsafe<ClickToCall>(ClickToCallLink),
  '4xx': ClickToCallFailure,
  '5xx': ClickToCallFailure
}
