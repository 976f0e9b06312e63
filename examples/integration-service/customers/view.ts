import { Type } from '@sinclair/typebox'
import type { CustomerRow } from '../store/index.ts'

/** A customer as agents see it. */
export const Customer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  phone: Type.String({ description: 'E.164' }),
  email: Type.Union([Type.String(), Type.Null()]),
  note: Type.Union([Type.String(), Type.Null()])
})

export function toCustomerView ({ id, name, phone, email, note }: CustomerRow) {
  return { id, name, phone, email, note }
}
