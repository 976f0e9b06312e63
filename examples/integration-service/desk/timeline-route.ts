import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { CursorInvalid } from '../calls/errors.ts'
import { Call, readCallViews } from '../calls/view.ts'
import { NotANumber, toE164 } from '../customers/phone.ts'
import { Customer, toCustomerView } from '../customers/view.ts'
import { problems } from '../operations/errors.ts'
import { type CallPosition, latestCalls } from '../store/calls.ts'
import { type EntryPosition, latestEntries } from '../store/customer-entries.ts'
import { customerByPhone } from '../store/customers.ts'

const Entry = Type.Object({
  kind: Type.Union([
    Type.Literal('call'),
    Type.Literal('note'),
    Type.Literal('chat'),
    Type.Literal('help-centre'),
    Type.Literal('messages')
  ]),
  id: Type.String(),
  at: Type.Integer({ description: 'Epoch milliseconds' }),
  call: Type.Optional(Call),
  data: Type.Optional(Type.Record(Type.String(), Type.Unknown()))
})

/** The position in each of the two sources. */
interface Position {
  call?: CallPosition
  entry?: EntryPosition
}

/** `GET /api/customers/:number/timeline`: a customer's timeline, newest first. */
export const timelineRoute: FastifyPluginAsyncTypebox = async function timelineRoute (app) {
  app.get('/api/customers/:number/timeline', {
    schema: {
      summary: 'Calls, notes, chats, messages and help-centre logins of a customer, newest first',
      tags: ['desk'],
      security: [{ agentSession: [] }],
      params: Type.Object({ number: Type.String({ minLength: 1, maxLength: 40 }) }),
      querystring: Type.Object({
        before: Type.Optional(Type.String({ maxLength: 600 })),
        limit: Type.Integer({ minimum: 1, maximum: 50, default: 10 })
      }),
      response: {
        200: Type.Object({
          customer: Type.Union([Customer, Type.Null()]),
          entries: Type.Array(Entry),
          next: Type.Union([Type.String(), Type.Null()])
        }),
        ...problems
      }
    }
  }, async ({ params, query: { before, limit } }) => {
    const customerNumber = toE164(params.number, app.config.PHONE_REGION)
    if (customerNumber === null) throw new NotANumber()
    const position = before === undefined ? {} : parseCursor(before)
    return await app.store.read(async (db) => {
      // One more than a page from each source; both are read from an index.
      const rows = await latestCalls(db, {
        customerNumber,
        limit: limit + 1,
        ...position.call && { before: position.call }
      })
      const otherEntries = await latestEntries(db, {
        customerNumber,
        limit: limit + 1,
        before: position.entry
      })
      const calls = (await readCallViews(db, rows)).map(call => ({
        kind: 'call' as const,
        id: call.callSerialNo,
        at: call.createdAt,
        call
      }))
      const entries = otherEntries.map(({ id, kind, at, data }) => ({
        kind,
        id,
        at,
        data: JSON.parse(data) as Record<string, unknown>
      }))
      // The sort is stable: entries of the same moment keep their source's order.
      const merged = [...calls, ...entries].sort((a, b) => b.at - a.at)
      const page = merged.slice(0, limit)
      const customer = await customerByPhone(db, customerNumber)
      return {
        customer: customer === undefined ? null : toCustomerView(customer),
        entries: page,
        next: merged.length > limit ? encodeCursor(position, page) : null
      }
    })
  })
}

function encodeCursor (
  { call, entry }: Position,
  page: ReadonlyArray<{ kind: string, id: string, at: number }>
): string {
  const lastCall = page.findLast(({ kind }) => kind === 'call')
  const lastEntry = page.findLast(({ kind }) => kind !== 'call')
  const position = [
    lastCall?.at ?? call?.createdAt ?? null,
    lastCall?.id ?? call?.callSerialNo ?? null,
    lastEntry?.at ?? entry?.at ?? null,
    lastEntry?.id ?? entry?.id ?? null
  ]
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** @throws {CursorInvalid} */
function parseCursor (cursor: string): Position {
  const [callAt, callId, entryAt, entryId] = parseParts(cursor)
  return {
    ...isPosition(callAt, callId) && { call: { createdAt: callAt, callSerialNo: String(callId) } },
    ...isPosition(entryAt, entryId) && { entry: { at: entryAt, id: String(entryId) } }
  }
}

function parseParts (cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 4) return parts
  } catch {
    // The text is no valid cursor.
  }
  throw new CursorInvalid()
}

/** @throws {CursorInvalid} */
function isPosition (at: unknown, id: unknown): at is number {
  if (at === null && id === null) return false
  if (!Number.isSafeInteger(at) || typeof id !== 'string' || id.length > 100 || /\0/.test(id)) {
    throw new CursorInvalid()
  }
  return true
}
