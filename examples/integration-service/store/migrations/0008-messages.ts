import { type Kysely, type Migration, sql } from 'kysely'

/** Conversations by WhatsApp and LINE, their messages, and the status of ours. */
export const messages: Migration = {
  async up (db: Kysely<unknown>) {
    const { schema } = db
    await schema.createTable('conversations')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('channel', 'text', column => column.notNull())
      .addColumn('contact_id', 'text', column => column.notNull())
      .addColumn('contact_name', 'text')
      .addColumn('customer_number', 'text')
      .addColumn('linked_by', 'text', column => column.references('agents.id'))
      .addColumn('reply_token', 'text')
      .addColumn('reply_token_at', 'bigint')
      .addColumn('last_in_at', 'bigint')
      .addColumn('last_at', 'bigint', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('conversations_by_time').on('conversations').columns([
      'last_at',
      'id'
    ]).execute()

    await schema.createTable('messages')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('conversation_id', 'text', column => column.notNull())
      .addColumn('channel', 'text', column => column.notNull())
      .addColumn('vendor_id', 'text')
      .addColumn('agent_id', 'text', column => column.references('agents.id'))
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('text', 'text', column => column.notNull())
      .addColumn('status', 'integer', column => column.notNull())
      .addColumn('error', 'text')
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('arrived', 'bigint', column => column.notNull())
      .execute()
    await schema.createIndex('messages_by_time').on('messages').columns([
      'conversation_id',
      'at',
      'arrived',
      'id'
    ]).execute()
    await schema.createIndex('messages_by_age').on('messages').column('at').execute()
    await schema.createIndex('messages_by_vendor_id').on('messages').columns([
      'channel',
      'vendor_id'
    ]).execute()
    // Few among millions: their queries must not read the others.
    await sql`create index messages_under_way on messages (at) where status = 0`.execute(db)

    // A vendor's status can arrive before the message has its vendor's id.
    await schema.createTable('message_statuses')
      .addColumn('channel', 'text', column => column.notNull())
      .addColumn('vendor_id', 'text', column => column.notNull())
      .addColumn('status', 'integer', column => column.notNull())
      .addColumn('error', 'text')
      .addColumn('at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('message_statuses_key', ['channel', 'vendor_id'])
      .execute()
    await schema.createIndex('message_statuses_by_age').on('message_statuses').column('at')
      .execute()
  }
}
