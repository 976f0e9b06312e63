import { type SelectQueryBuilder, sql } from 'kysely'
import { type ManyRows, manyRows } from './many-rows.ts'
import type { CallbackRow, CallRow, Db, Tables } from './tables.ts'

/** What one source knows of a call. Null is "does not say". */
export type CallFact = Omit<CallRow, 'stage' | 'closed' | 'accepted_at' | 'ring_number'> & {
  stage: Stage
}

/** How far a call has come. It only grows. */
export const stages = { dialling: 1, connected: 2, released: 3 } as const
export type Stage = typeof stages[keyof typeof stages]

/** Who told us. */
export type Source = 'createCall' | 'connected' | 'released'

/**
 * Whose word counts where two sources differ: createCall's about the parties, the release
 * callback's about times.
 */
const authority = {
  agent_id: 'createCall',
  direction: 'createCall',
  caller: 'createCall',
  called: 'createCall',
  customer_number: 'createCall',
  connected_at: 'released',
  released_at: 'released',
  release_reason: 'released',
  talk_seconds: 'released'
} as const satisfies Partial<Record<keyof CallRow, Source>>

const callColumns: Record<keyof CallFact, true> = {
  call_serial_no: true,
  agent_id: true,
  direction: true,
  caller: true,
  called: true,
  customer_number: true,
  stage: true,
  release_reason: true,
  talk_seconds: true,
  created_at: true,
  connected_at: true,
  released_at: true
}

/**
 * Merges what is said into what is known. createCall's answer and the callbacks give one
 * record in whatever order they come, and however often.
 */
export async function mergeCall (db: Db, fact: CallFact, source: Source): Promise<CallRow> {
  const { call_serial_no: callSerialNo } = fact
  await mergeCalls(db, [fact], source)
  return await db.selectFrom('calls').selectAll().where('call_serial_no', '=', callSerialNo)
    .executeTakeFirstOrThrow()
}

/** How far a call has come, and whose it is: what desks are told. */
export type Progress = Pick<CallRow, typeof progress[number]>

/** Columns of {@link Progress}. */
export const progress = [
  'call_serial_no',
  'agent_id',
  'direction',
  'customer_number',
  'stage',
  'release_reason',
  'closed',
  'created_at',
  'connected_at'
] as const satisfies Array<keyof CallRow>

/** {@link mergeCall} for many calls, each named once; the order of the result is the database's. */
export async function mergeCalls (
  db: Db,
  facts: readonly CallFact[],
  source: Source
): Promise<Progress[]> {
  return facts.length === 0 ? [] : await mergeFrom[source](db, facts)
}

const mergeFrom = {
  createCall: merging('createCall'),
  connected: merging('connected'),
  released: merging('released')
}

function merging (source: Source): ManyRows<CallFact, Progress> {
  const columns = Object.keys(authority) as Array<keyof typeof authority>
  const merged = Object.fromEntries(columns.map(column => {
    const [said, known] = [sql.ref(`excluded.${column}`), sql.ref(`calls.${column}`)]
    return [
      column,
      authority[column] === source
        ? sql`coalesce(${said}, ${known})`
        : sql`coalesce(${known}, ${said})`
    ]
  }))
  return manyRows(callColumns, (db, rows) =>
    db.insertInto('calls').values(rows)
      .onConflict(conflict =>
        conflict.column('call_serial_no').doUpdateSet({
          ...merged,
          stage:
            sql`case when excluded.stage > calls.stage then excluded.stage else calls.stage end`,
          created_at:
            sql`case when excluded.created_at < calls.created_at then excluded.created_at else calls.created_at end`
        })
      )
      .returning([...progress]))
}

/**
 * Keeps callbacks as received, at least one, each call and kind named once. Gives those that were
 * not stored before.
 */
export const addCallbacks = manyRows({
  call_serial_no: true,
  kind: true,
  body: true,
  received_at: true
}, (db, rows: CallbackRow[]) =>
  db
    .insertInto('call_callbacks').values(rows)
    .onConflict(conflict => conflict.columns(['call_serial_no', 'kind']).doNothing())
    .returning(['call_serial_no', 'kind']))

export async function callById (db: Db, callSerialNo: string): Promise<CallRow | undefined> {
  return await db.selectFrom('calls').selectAll().where('call_serial_no', '=', callSerialNo)
    .executeTakeFirst()
}

/**
 * Inbound calls that ended without a word between people were missed; one that was thought so and
 * was talked on after all was not. Nothing is asked where there are none.
 */
export async function markMissed (db: Db, released: readonly Progress[]): Promise<void> {
  const inbound = released.filter(({ direction }) => direction === 'inbound')
  if (inbound.length === 0) return
  await db.updateTable('calls')
    .set({
      closed: sql`case when connected_at is null then 'missed' else nullif(closed, 'missed') end`
    })
    .where('call_serial_no', 'in', inbound.map(call => call.call_serial_no)).execute()
}

/** Where a page ended. */
export interface CallPosition {
  readonly createdAt: number
  readonly callSerialNo: string
}

/** How calls ended, as people look for them. */
export const outcomes = ['answered', 'missed', 'unanswered', 'open'] as const
export type Outcome = typeof outcomes[number]

export interface CallQuery {
  /** Only calls with one of these customers; E.164. */
  readonly customerNumbers?: readonly string[]
  readonly agentId?: string
  readonly direction?: 'inbound' | 'outbound'
  readonly outcome?: Outcome | 'ended'
  readonly disposition?: string
  /** Epoch milliseconds; the first that counts. */
  readonly from?: number
  /** Epoch milliseconds; the first that does not count. */
  readonly to?: number
  /** Only calls with this customer; E.164. */
  readonly customerNumber?: string
  /** Only calls with customers whose number ends so; at least four digits. */
  readonly numberEnd?: string
  /** Only calls older than this one. */
  readonly before?: CallPosition
  readonly limit: number
}

/** The newest calls first. */
export async function latestCalls (
  db: Db,
  { customerNumber, customerNumbers, numberEnd, before, limit, ...filters }: CallQuery
): Promise<CallRow[]> {
  let query = filtered(db, filters).selectAll().orderBy('created_at', 'desc').orderBy(
    'call_serial_no',
    'desc'
  ).limit(limit)
  if (customerNumbers !== undefined) {
    if (customerNumbers.length === 0) return []
    query = query.where('customer_number', 'in', customerNumbers)
  }
  if (customerNumber !== undefined) query = query.where('customer_number', '=', customerNumber)
  if (numberEnd !== undefined) {
    // The first is what the index has.
    query = query.where(
      sql<boolean>`substr(customer_number, length(customer_number) - 3) = ${numberEnd.slice(-4)}`
    )
      .where('customer_number', 'like', `%${numberEnd}`)
  }
  // A row comparison is a range of the index; `or` would not be.
  if (before !== undefined) {
    query = query.where(
      sql<boolean>`(created_at, call_serial_no) < (${before.createdAt}, ${before.callSerialNo})`
    )
  }
  return await query.execute()
}

type Filters = Pick<
  CallQuery,
  'agentId' | 'direction' | 'outcome' | 'disposition' | 'from' | 'to'
>

function filtered (
  db: Db,
  { agentId, direction, outcome, disposition, from, to }: Filters
): SelectQueryBuilder<Tables, 'calls', object> {
  let query = db.selectFrom('calls')
  if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
  // Written as the partial indexes are, or they would not be used.
  if (direction === 'inbound') query = query.where('direction', '=', sql.lit('inbound'))
  if (direction === 'outbound') {
    query = query.where(sql<boolean>`coalesce(direction, 'outbound') = 'outbound'`)
  }
  if (outcome === 'open') query = query.where('stage', '<', sql.lit(stages.released))
  if (outcome === 'ended') query = query.where('stage', '=', stages.released)
  if (outcome === 'missed') query = query.where('closed', '=', sql.lit('missed'))
  if (outcome === 'answered') query = query.where('connected_at', 'is not', null)
  if (outcome === 'unanswered') {
    query = query.where('connected_at', 'is', null).where('stage', '=', stages.released)
      .where(sql<boolean>`coalesce(closed, '') <> 'missed'`)
  }
  if (disposition !== undefined) {
    query = query.where(where =>
      where.exists(
        where.selectFrom('wrap_ups').select('wrap_ups.call_serial_no')
          .whereRef('wrap_ups.call_serial_no', '=', 'calls.call_serial_no')
          .where('wrap_ups.disposition', '=', disposition)
      )
    )
  }
  if (from !== undefined) query = query.where('created_at', '>=', from)
  if (to !== undefined) query = query.where('created_at', '<', to)
  return query
}
