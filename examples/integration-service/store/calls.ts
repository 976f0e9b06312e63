import { type SelectQueryBuilder, sql } from 'kysely'
import { type ManyRows, createManyRows } from './many-rows.ts'
import type { CallbackRow, CallRow, Db, Tables } from './tables.ts'

/** What one source reports about a call. Null means "not reported". */
export type CallFact = Omit<CallRow, 'stage' | 'closed' | 'accepted_at' | 'ring_number'> & {
  stage: Stage
}

/** The state of a call. It only increases. */
export const stages = { dialling: 1, connected: 2, released: 3 } as const
export type Stage = typeof stages[keyof typeof stages]

/** The source of a report. */
export type Source = 'createCall' | 'connected' | 'released'

/**
 * Which source wins when two differ: createCall for the parties, the release callback for the
 * times.
 */
const authoritativeSource = {
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
 * Merges a report into the stored call. createCall's answer and the callbacks produce one record in
 * any order and however often they arrive.
 */
export async function mergeCall (db: Db, fact: CallFact, source: Source): Promise<CallRow> {
  const { call_serial_no: callSerialNo } = fact
  await mergeCalls(db, [fact], source)
  return await db.selectFrom('calls').selectAll().where('call_serial_no', '=', callSerialNo)
    .executeTakeFirstOrThrow()
}

/** A call's state and agent, for events to the desks. */
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

/** {@link mergeCall} for many calls, each id once. The result is in the database's order. */
export async function mergeCalls (
  db: Db,
  facts: readonly CallFact[],
  source: Source
): Promise<Progress[]> {
  return facts.length === 0 ? [] : await merges[source](db, facts)
}

const merges = {
  createCall: createMerge('createCall'),
  connected: createMerge('connected'),
  released: createMerge('released')
}

function createMerge (source: Source): ManyRows<CallFact, Progress> {
  const columns = Object.keys(authoritativeSource) as Array<keyof typeof authoritativeSource>
  const mergedColumns = Object.fromEntries(columns.map(column => {
    const [reported, stored] = [sql.ref(`excluded.${column}`), sql.ref(`calls.${column}`)]
    return [
      column,
      authoritativeSource[column] === source
        ? sql`coalesce(${reported}, ${stored})`
        : sql`coalesce(${stored}, ${reported})`
    ]
  }))
  return createManyRows(callColumns, (db, rows) =>
    db.insertInto('calls').values(rows)
      .onConflict(conflict =>
        conflict.column('call_serial_no').doUpdateSet({
          ...mergedColumns,
          stage:
            sql`case when excluded.stage > calls.stage then excluded.stage else calls.stage end`,
          created_at:
            sql`case when excluded.created_at < calls.created_at then excluded.created_at else calls.created_at end`
        })
      )
      .returning([...progress]))
}

/** Stores callbacks as received: at least one, each call and kind once. Returns the new ones. */
export const addCallbacks = createManyRows({
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
 * Marks inbound calls that ended without a conversation as missed, and unmarks those that had one
 * after all. Runs no query when there are none.
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

/** The end of a page. */
export interface CallPosition {
  readonly createdAt: number
  readonly callSerialNo: string
}

/** Outcomes by which calls can be filtered. */
export const outcomes = ['answered', 'missed', 'unanswered', 'open'] as const
export type Outcome = typeof outcomes[number]

export interface CallQuery {
  /** Only calls with one of these customers; E.164. */
  readonly customerNumbers?: readonly string[]
  readonly agentId?: string
  readonly direction?: 'inbound' | 'outbound'
  readonly outcome?: Outcome | 'ended'
  readonly disposition?: string
  /** Epoch milliseconds, inclusive. */
  readonly from?: number
  /** Epoch milliseconds, exclusive. */
  readonly to?: number
  /** Only calls with this customer; E.164. */
  readonly customerNumber?: string
  /** Only calls with customers whose number ends with these digits; at least four. */
  readonly numberEnd?: string
  /** Only calls older than this one. */
  readonly before?: CallPosition
  readonly limit: number
}

/** Newest first. */
export async function latestCalls (
  db: Db,
  { customerNumber, customerNumbers, numberEnd, before, limit, ...filters }: CallQuery
): Promise<CallRow[]> {
  let query = filterCalls(db, filters).selectAll().orderBy('created_at', 'desc').orderBy(
    'call_serial_no',
    'desc'
  ).limit(limit)
  if (customerNumbers !== undefined) {
    if (customerNumbers.length === 0) return []
    query = query.where('customer_number', 'in', customerNumbers)
  }
  if (customerNumber !== undefined) query = query.where('customer_number', '=', customerNumber)
  if (numberEnd !== undefined) {
    // The first condition uses the index.
    query = query.where(
      sql<boolean>`substr(customer_number, length(customer_number) - 3) = ${numberEnd.slice(-4)}`
    )
      .where('customer_number', 'like', `%${numberEnd}`)
  }
  // A row comparison uses a range of the index; `or` would not.
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

function filterCalls (
  db: Db,
  { agentId, direction, outcome, disposition, from, to }: Filters
): SelectQueryBuilder<Tables, 'calls', object> {
  let query = db.selectFrom('calls')
  if (agentId !== undefined) query = query.where('agent_id', '=', agentId)
  // Must match the partial indexes' conditions, or they are not used.
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
