import { type Kysely, type Migration, PostgresAdapter, sql } from 'kysely'
import { nameWords } from '../customer-names.ts'

/** Inbound calls, agent states, wrap-ups, customer timelines, and search by name. */
export const desk: Migration = {
  async up (db: Kysely<unknown>) {
    const { schema } = db
    for (const column of ['direction', 'closed'] as const) {
      await schema.alterTable('calls').addColumn(column, 'text').execute()
    }
    await schema.alterTable('calls').addColumn('accepted_at', 'bigint').execute()
    await schema.createIndex('calls_by_agent').on('calls').columns([
      'agent_id',
      'created_at',
      'call_serial_no'
    ]).execute()
    // Open calls are few among millions: their queries must not read the others.
    await sql`create index calls_open on calls (created_at) where stage < 3`.execute(db)
    await sql`create index calls_open_by_agent on calls (agent_id) where stage < 3`.execute(db)
    await sql`create index calls_missed on calls (created_at, call_serial_no) where closed = 'missed'`
      .execute(db)
    await sql`create index calls_inbound on calls (created_at, call_serial_no) where direction = 'inbound'`
      .execute(db)
    // A caller rings once, whichever processes receive the call.
    await sql`create unique index calls_one_ring on calls (customer_number) where direction = 'inbound' and stage = 1`
      .execute(db)

    // The vendor's id of a call that already has one of ours.
    await schema.createTable('call_aliases')
      .addColumn('vendor_serial_no', 'text', column => column.primaryKey())
      .addColumn('call_serial_no', 'text', column => column.notNull())
      .execute()

    await schema.createTable('wrap_ups')
      .addColumn('call_serial_no', 'text', column => column.primaryKey())
      .addColumn('agent_id', 'text', column => column.notNull().references('agents.id'))
      .addColumn('disposition', 'text', column => column.notNull())
      .addColumn('note', 'text', column => column.notNull())
      .addColumn('written_at', 'bigint', column => column.notNull())
      .execute()

    await schema.createTable('customer_entries')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('customer_number', 'text', column => column.notNull())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('data', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('customer_entries_by_time').on('customer_entries').columns([
      'customer_number',
      'at',
      'id'
    ]).execute()

    await schema.alterTable('agents')
      .addColumn('role', 'text', column => column.notNull().defaultTo('agent')).execute()
    await schema.createIndex('agents_by_phone').on('agents').column('phone').execute()
    await schema.createTable('agent_states')
      .addColumn('agent_id', 'text', column => column.primaryKey().references('agents.id'))
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('since', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('sessions_by_subject').on('sessions').columns([
      'subject_id',
      'kind',
      'expires_at'
    ]).execute()

    await schema.createTable('refusals')
      .addColumn('minute', 'bigint', column => column.notNull())
      .addColumn('vendor', 'text', column => column.notNull())
      .addColumn('code', 'text', column => column.notNull())
      .addColumn('count', 'integer', column => column.notNull())
      .addPrimaryKeyConstraint('refusals_key', ['minute', 'vendor', 'code'])
      .execute()

    // Word ranges are in code point order, whatever the database's locale.
    const word = db.getExecutor().adapter instanceof PostgresAdapter
      ? sql`text collate "C"`
      : sql`text`
    await schema.createTable('customer_names')
      .addColumn('word', word, column => column.notNull())
      .addColumn('phone', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('customer_names_key', ['word', 'phone'])
      .execute()
    await schema.createIndex('customer_names_by_phone').on('customer_names').column('phone')
      .execute()
    await nameKnownCustomers(db as Kysely<KnownTables>)
  }
}

interface KnownTables {
  customers: { name: string, phone: string }
  customer_names: { word: string, phone: string }
}

const pageSize = 500

async function nameKnownCustomers (db: Kysely<KnownTables>): Promise<void> {
  for (let after = '';;) {
    const page = await db.selectFrom('customers').select(['name', 'phone'])
      .where('phone', '>', after).orderBy('phone').limit(pageSize).execute()
    const rows = page.flatMap(({ name, phone }) => nameWords(name).map(word => ({ word, phone })))
    for (let start = 0; start < rows.length; start += pageSize) {
      await db.insertInto('customer_names').values(rows.slice(start, start + pageSize)).execute()
    }
    const last = page.at(-1)
    if (last === undefined || page.length < pageSize) return
    after = last.phone
  }
}
