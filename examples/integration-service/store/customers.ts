import type { CustomerRow, Db } from './tables.ts'

/** `phone` in E.164. */
export async function customerByPhone (db: Db, phone: string): Promise<CustomerRow | undefined> {
  return await db.selectFrom('customers').selectAll().where('phone', '=', phone).executeTakeFirst()
}

/** Of several numbers at once, by number. */
export async function customersByPhone (db: Db, phones: readonly string[]): Promise<Map<string, CustomerRow>> {
  if (phones.length === 0) return new Map()
  const rows = await db.selectFrom('customers').selectAll().where('phone', 'in', [...new Set(phones)]).execute()
  return new Map(rows.map(row => [row.phone, row]))
}

/** Adds a customer, or brings the one with this number up to date. The id stays what it was. */
export async function saveCustomer (db: Db, customer: CustomerRow): Promise<void> {
  await db.insertInto('customers').values(customer)
    .onConflict(conflict => conflict.column('phone').doUpdateSet({ name: customer.name, email: customer.email, note: customer.note }))
    .execute()
}
