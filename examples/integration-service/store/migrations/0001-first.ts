import type { Kysely, Migration } from 'kysely'

/** Never change this migration: add another. */
export const first: Migration = {
  async up (db: Kysely<unknown>) {
    const { schema } = db
    await schema.createTable('customers')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('phone', 'text', column => column.notNull().unique())
      .addColumn('email', 'text')
      .addColumn('note', 'text')
      .addColumn('created_at', 'bigint', column => column.notNull())
      .execute()

    await schema.createTable('agents')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('login', 'text', column => column.notNull().unique())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('password_hash', 'text', column => column.notNull())
      .addColumn('phone', 'text', column => column.notNull())
      .addColumn('csc_username', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .execute()

    await schema.createTable('members')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('login', 'text', column => column.notNull().unique())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('email', 'text', column => column.notNull())
      .addColumn('phone', 'text', column => column.notNull())
      .addColumn('member_no', 'text')
      .addColumn('password_hash', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .execute()

    await schema.createTable('calls')
      .addColumn('call_serial_no', 'text', column => column.primaryKey())
      .addColumn('agent_id', 'text', column => column.references('agents.id'))
      .addColumn('caller', 'text')
      .addColumn('called', 'text')
      .addColumn('customer_number', 'text')
      .addColumn('stage', 'integer', column => column.notNull())
      .addColumn('release_reason', 'text')
      .addColumn('talk_seconds', 'text')
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('connected_at', 'bigint')
      .addColumn('released_at', 'bigint')
      .execute()
    await schema.createIndex('calls_by_time').on('calls').columns(['created_at', 'call_serial_no'])
      .execute()
    await schema.createIndex('calls_by_customer').on('calls').columns([
      'customer_number',
      'created_at',
      'call_serial_no'
    ]).execute()

    // No reference to calls: a callback may be stored before its call.
    await schema.createTable('call_callbacks')
      .addColumn('call_serial_no', 'text', column => column.notNull())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('received_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('call_callbacks_key', ['call_serial_no', 'kind'])
      .execute()

    await schema.createTable('sessions')
      .addColumn('id_hash', 'text', column => column.primaryKey())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('subject_id', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at').execute()

    await schema.createTable('issued_tokens')
      .addColumn('token_digest', 'text', column => column.primaryKey())
      .addColumn('usercode', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('issued_tokens_by_expiry').on('issued_tokens').column('expires_at')
      .execute()

    await schema.createTable('chats')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('member_id', 'text', column => column.references('members.id'))
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('verified', 'integer', column => column.notNull())
      .addColumn('data', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('updated_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('chats_by_time').on('chats').columns(['created_at', 'id']).execute()

    await schema.createTable('events')
      .addColumn('id', 'bigint', column => column.primaryKey())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('data', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createTable('event_sequence')
      .addColumn('only', 'integer', column => column.primaryKey())
      .addColumn('last', 'bigint', column => column.notNull())
      .execute()
    await (db as Kysely<{ event_sequence: { only: number, last: number } }>).insertInto(
      'event_sequence'
    ).values({ only: 1, last: 0 }).execute()
  }
}
