import { Type } from '@sinclair/typebox'
import { callById } from '../store/calls.ts'
import type { CallRow, Store } from '../store/index.ts'
import { NoSuchCall } from './errors.ts'
import { type Call, readCallViews } from './view.ts'

/** The path parameter of the routes of one call. */
export const params = Type.Object({ callSerialNo: Type.String({ minLength: 1, maxLength: 50 }) })

/** @throws {NoSuchCall} */
export async function readCall (store: Store, callSerialNo: string): Promise<CallRow> {
  const call = await store.read(db => callById(db, callSerialNo))
  if (call === undefined) throw new NoSuchCall()
  return call
}

/** The call and its customer, as agents see them. @throws {NoSuchCall} */
export async function readCallView (store: Store, callSerialNo: string): Promise<Call> {
  const row = await readCall(store, callSerialNo)
  const [view] = await store.read(db => readCallViews(db, [row]))
  if (view === undefined) throw new NoSuchCall()
  return view
}
