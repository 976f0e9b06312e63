import { randomUUID } from 'node:crypto'
import { customersWith, saveCustomers } from '../store/customers.ts'
import type { CustomerRow, Db, Store } from '../store/index.ts'
import { type CsvOptions, type CustomerLine, type Fault, readCustomers } from './csv.ts'

export interface ImportOptions extends CsvOptions {
  /** The file's bytes from their beginning; called twice. */
  readonly open: () => AsyncIterable<Uint8Array>
  /** Epoch milliseconds. */
  readonly now: number
}

export interface Imported {
  readonly added: number
  readonly updated: number
}

/** The file cannot be used as it is, and nothing was changed. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused'
  readonly faults: readonly Fault[]
  constructor (faults: readonly Fault[]) {
    super('nothing was imported')
    this.faults = [...faults].sort((a, b) => a.line - b.line)
  }
}

/** Rows of one statement: five values each, and SQLite takes 32766. */
const batchSize = 500

/**
 * Brings customers up to date by their number, all or none. The file is read once to
 * find what is wrong with it, and again to write, so that the transaction, which others
 * wait for on SQLite, lasts no longer than the writing.
 * @throws {ImportRefused} with every fault
 */
export async function importCustomers (
  store: Store,
  { open, now, ...csv }: ImportOptions
): Promise<Imported> {
  const faults: Fault[] = []
  for await (const read of readCustomers(open(), csv)) if ('reason' in read) faults.push(read)
  if (faults.length > 0) throw new ImportRefused(faults)
  return await store.commit(async ({ db }) => {
    const total = { added: 0, updated: 0 }
    for await (const batch of batches(readCustomers(open(), csv))) {
      const before = await known(db, batch)
      faults.push(...taken(batch, before))
      if (faults.length > 0) continue
      await save(db, batch, now)
      total.updated += batch.filter(({ phone }) => before.has(phone)).length
      total.added += batch.filter(({ phone }) => !before.has(phone)).length
    }
    if (faults.length > 0) throw new ImportRefused(faults)
    return total
  })
}

async function* batches (
  lines: AsyncIterable<CustomerLine | Fault>
): AsyncGenerator<CustomerLine[]> {
  let batch: CustomerLine[] = []
  for await (const line of lines) {
    // The file has changed since it was looked through.
    if ('reason' in line) throw new ImportRefused([line])
    batch.push(line)
    if (batch.length === batchSize) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

type Known = Pick<CustomerRow, 'id' | 'phone'>

/** What the store has of these numbers and ids, by number. */
async function known (db: Db, batch: readonly CustomerLine[]): Promise<Map<string, Known>> {
  const rows = await customersWith(db, {
    phones: batch.map(({ phone }) => phone),
    ids: batch.flatMap(({ id }) => id ?? [])
  })
  return new Map(rows.map(row => [row.phone, row]))
}

/** An id names one customer and a number another: which of them is meant is not ours to guess. */
function taken (batch: readonly CustomerLine[], before: Map<string, Known>): Fault[] {
  const phones = new Map([...before.values()].map(({ id, phone }) => [id, phone]))
  return batch.flatMap(({ line, id, phone }) => {
    if (id === undefined) return []
    const owner = before.get(phone)
    if (owner !== undefined && owner.id !== id) {
      return [{ line, reason: `phone belongs to the customer with the id ${owner.id}` }]
    }
    return (phones.get(id) ?? phone) === phone
      ? []
      : [{ line, reason: 'id belongs to a customer with another phone' }]
  })
}

async function save (db: Db, batch: readonly CustomerLine[], now: number): Promise<void> {
  const rows = batch.map(({ id = randomUUID(), name, phone, email = null, note = null }) => ({
    id,
    name,
    phone,
    email,
    note,
    created_at: now
  }))
  const columns = (['name', 'email', 'note'] as const).filter(column =>
    batch[0]?.[column] !== undefined
  )
  await saveCustomers(db, rows, columns)
}
