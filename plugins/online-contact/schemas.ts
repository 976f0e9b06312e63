import { type Static, Type } from '@sinclair/typebox'
import { maximumLengths } from './fields.ts'

const text = (name: keyof typeof maximumLengths, description: string) =>
  Type.String({ minLength: 1, maxLength: maximumLengths[name], description })

/** No minimum length, because blank means absent. */
const optionalText = (name: keyof typeof maximumLengths) =>
  Type.Optional(Type.String({ maxLength: maximumLengths[name] }))

const time = Type.String({ pattern: '^[0-9]{1,19}$', description: 'Epoch milliseconds' })
const token = Type.String({
  minLength: 44,
  maxLength: 44,
  description: 'Base64 of the HMAC-SHA-256'
})

/** A member of our site. */
export const MemberFields = Type.Object({
  usercode: text('usercode', "The member's id at our site"),
  username: optionalText('username'),
  email: optionalText('email'),
  phone: optionalText('phone'),
  memberno: optionalText('memberno')
})
export type MemberFields = Static<typeof MemberFields>

/** The form of both remote logins; `returnUrl` with the client-side one only. */
export const RemoteLoginForm = Type.Composite([
  Type.Object({ service: text('service', 'The name of the service at Online Contact') }),
  MemberFields,
  Type.Object({ time, token, returnUrl: Type.Optional(Type.String()) })
])
export type RemoteLoginForm = Static<typeof RemoteLoginForm>

/**
 * Online Contact's answer to a server-side login; refusals have this shape too. `content` is the
 * access token.
 */
export const RemoteLoginResult = Type.Object({
  header: Type.Object({
    resultCode: Type.Integer(),
    resultMessage: Type.String(),
    isSuccessful: Type.Boolean()
  }),
  result: Type.Union([Type.Object({ content: Type.String() }), Type.Null()])
})
export type RemoteLoginResult = Static<typeof RemoteLoginResult>

/** For a route's `schema.response`: success and refusals have one shape. */
export const RemoteLoginReplies = {
  200: RemoteLoginResult,
  '4xx': RemoteLoginResult,
  '5xx': RemoteLoginResult
}

/** The query of our login URL. Check it with `isAllowedReturnUrl`. */
export const LoginQuery = Type.Object({ returnUrl: Type.String({ minLength: 1 }) })
export type LoginQuery = Static<typeof LoginQuery>

/**
 * The answer to "who is logged in?" and "did you issue this token?". The vendor's table says
 * Boolean, its examples have strings, and we send strings.
 */
export const LoginStatus = Type.Object({
  login: Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Boolean()]),
  usercode: Type.Union([Type.String(), Type.Null()])
})
export type LoginStatus = Static<typeof LoginStatus>

/** The query of the GET type; the service is in the path. */
export const LinkQuery = Type.Composite([
  Type.Omit(MemberFields, ['email']),
  Type.Object({ email: text('email', 'Required by the GET type'), time, token })
])
export type LinkQuery = Static<typeof LinkQuery>

/**
 * The query with which Online Contact asks whether we issued a token. Loose, so that every wrong
 * query gets the answer "not logged in".
 */
export const VerifyTokenQuery = Type.Object({ usercode: Type.String(), token: Type.String() })
export type VerifyTokenQuery = Static<typeof VerifyTokenQuery>
