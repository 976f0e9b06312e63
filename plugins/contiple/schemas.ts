import { type Static, type TSchema, Type } from '@sinclair/typebox'

/**
 * The query in the vendor's documentation. Administrators configure which fields are sent: for
 * other fields, use a schema of your own.
 */
export const LookupQuery = Type.Object({
  callNum: Type.String({ description: "The caller's number" }),
  nation: Type.Optional(Type.String())
})
export type LookupQuery = Static<typeof LookupQuery>

/** The result fields in the vendor's documentation; configurable like the query. */
export const LookupFields = Type.Object({
  userName: Type.Optional(Type.String()),
  id: Type.Optional(Type.String())
})
export type LookupFields = Static<typeof LookupFields>

/** An answer whose `data` holds the configured result fields. */
export const LookupResultOf = <T extends TSchema>(fields: T) => Type.Object({ data: fields })

/** The answer with the documented fields. */
export const LookupResult = LookupResultOf(LookupFields)
export type LookupResult = Static<typeof LookupResult>

/** Every failure. The vendor's table says strings, its example has a number and null. */
export const LookupFailure = Type.Object({
  error: Type.Object({
    code: Type.Union([Type.String(), Type.Number()]),
    message: Type.String(),
    detail: Type.Union([Type.String(), Type.Null()])
  })
})
export type LookupFailure = Static<typeof LookupFailure>

/**
 * For a route's `schema.response`: the answer with the documented fields, and the failure for every
 * other status.
 */
export const LookupReplies = { 200: LookupResult, '4xx': LookupFailure, '5xx': LookupFailure }
