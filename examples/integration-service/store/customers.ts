import { saveNames } from './customer-names.ts'
import type { CustomerRow, Db } from './tables.ts'

/** `phone` in E.164. */
export async function customerByPhone (db: Db, phone: string): Promise<CustomerRow | undefined> {
  return await db.selectFrom('customers').selectAll().where('phone', '=', phone).executeTakeFirst()
}

/** Customers with these numbers, by number. */
export async function customersByPhone (
  db: Db,
  phones: readonly string[]
): Promise<Map<string, CustomerRow>> {
  if (phones.length === 0) return new Map()
  const rows = await db.selectFrom('customers').selectAll().where('phone', 'in', [
    ...new Set(phones)
  ]).execute()
  return new Map(rows.map(row => [row.phone, row]))
}

/** Customers with one of these numbers or ids. */
export async function customersByPhoneOrId (
  db: Db,
  { phones, ids }: { phones: readonly string[], ids: readonly string[] }
): Promise<Array<Pick<CustomerRow, 'id' | 'phone'>>> {
  return await db.selectFrom('customers').select(['id', 'phone'])
    .where(where =>
      where.or([where('phone', 'in', phones), ...ids.length > 0 ? [where('id', 'in', ids)] : []])
    )
    .execute()
}

/**
 * Inserts customers, at least one, or updates these columns of those with the same number. Ids do
 * not change.
 */
export async function saveCustomers (
  db: Db,
  customers: readonly CustomerRow[],
  columns: ReadonlyArray<'name' | 'email' | 'note'> = ['name', 'email', 'note']
): Promise<void> {
  await db.insertInto('customers').values(customers)
    .onConflict(conflict =>
      conflict.column('phone').doUpdateSet(set =>
        Object.fromEntries(columns.map(column => [column, set.ref(`excluded.${column}`)]))
      )
    )
    .execute()
  if (columns.includes('name')) await saveNames(db, customers)
}
