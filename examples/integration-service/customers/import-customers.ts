import { randomUUID } from 'node:crypto'
import { customersByPhoneOrId, saveCustomers } from '../store/customers.ts'
import type { CustomerRow, Db, Store } from '../store/index.ts'
import { type CsvOptions, type CustomerLine, type Fault, readCustomers } from './csv.ts'

export interface ImportOptions extends CsvOptions {
  /** The file's bytes from the beginning; called twice. */
  readonly open: () => AsyncIterable<Uint8Array>
  /** Epoch milliseconds. */
  readonly now: number
  /** Checks everything, and changes nothing. */
  readonly dryRun?: boolean
  /** Called with rejected lines, in order; the others are imported. */
  readonly onReject?: (fault: Fault) => void
}

export interface ImportTotals {
  readonly added: number
  readonly updated: number
}

/** The file cannot be imported, and nothing was changed. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused'
  readonly faults: readonly Fault[]
  constructor (faults: readonly Fault[]) {
    super('nothing was imported')
    this.faults = [...faults].sort((a, b) => a.line - b.line)
  }
}

/** Rows per statement: each has five values, and SQLite accepts 32766. */
const batchSize = 500

/**
 * Inserts or updates customers by number, all or none. Reads the file once to check it and again to
 * write, so that the transaction, for which others wait on SQLite, lasts no longer than the
 * writing.
 * @throws {ImportRefused} with every fault
 */
export async function importCustomers (
  store: Store,
  { open, now, dryRun = false, onReject, ...csv }: ImportOptions
): Promise<ImportTotals> {
  const faults: Fault[] = []
  for await (const item of readCustomers(open(), csv)) if ('reason' in item) faults.push(item)
  // A file without a valid line is probably the wrong file, and is rejected as a whole.
  if (faults.length > 0 && (onReject === undefined || faults.some(isFileFault))) {
    throw new ImportRefused(faults)
  }
  const rejected = new Map(faults.map(fault => [fault.line, fault]))
  try {
    const total = await store.commit(async ({ db }) => {
      const total = { added: 0, updated: 0 }
      for await (const batch of readBatches(readCustomers(open(), csv), rejected)) {
        const stored = await findStored(db, batch)
        const conflicts = findConflicts(batch, stored)
        for (const fault of conflicts) rejected.set(fault.line, fault)
        if (onReject === undefined && rejected.size > 0) continue
        const accepted = batch.filter(({ line }) => !rejected.has(line))
        if (accepted.length === 0) continue
        await saveBatch(db, accepted, now)
        total.updated += accepted.filter(({ phone }) => stored.has(phone)).length
        total.added += accepted.filter(({ phone }) => !stored.has(phone)).length
      }
      if (onReject === undefined && rejected.size > 0) {
        throw new ImportRefused([...rejected.values()])
      }
      if (dryRun) throw new DryRun(total)
      return total
    })
    reportRejected()
    return total
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
    reportRejected()
    return error.total
  }

  function reportRejected (): void {
    for (const fault of [...rejected.values()].sort((a, b) => a.line - b.line)) onReject?.(fault)
  }
}

/** Rolls back the transaction of a dry run. */
class DryRun extends Error {
  readonly total: ImportTotals
  constructor (total: ImportTotals) {
    super('nothing was changed')
    this.total = total
  }
}

/** A fault in the header or the encoding leaves no line to import. */
function isFileFault ({ line, fields, reason }: Fault): boolean {
  return fields === undefined && (line === 1 || /^the (?:file|first line|column) /.test(reason))
}

async function* readBatches (
  lines: AsyncIterable<CustomerLine | Fault>,
  rejected: ReadonlyMap<number, Fault>
): AsyncGenerator<CustomerLine[]> {
  let batch: CustomerLine[] = []
  for await (const line of lines) {
    if (rejected.has(line.line)) continue
    // The file has changed since it was checked.
    if ('reason' in line) throw new ImportRefused([line])
    batch.push(line)
    if (batch.length === batchSize) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

type StoredCustomer = Pick<CustomerRow, 'id' | 'phone'>

/** The stored customers with these numbers and ids, by number. */
async function findStored (
  db: Db,
  batch: readonly CustomerLine[]
): Promise<Map<string, StoredCustomer>> {
  const rows = await customersByPhoneOrId(db, {
    phones: batch.map(({ phone }) => phone),
    ids: batch.flatMap(({ id }) => id ?? [])
  })
  return new Map(rows.map(row => [row.phone, row]))
}

/** If the id belongs to one customer and the number to another, the line is ambiguous. */
function findConflicts (
  batch: readonly CustomerLine[],
  stored: Map<string, StoredCustomer>
): Fault[] {
  const phones = new Map([...stored.values()].map(({ id, phone }) => [id, phone]))
  return batch.flatMap(({ line, id, phone, name, email, note }) => {
    if (id === undefined) return []
    const fields = { id, name, phone, email: email ?? '', note: note ?? '' }
    const owner = stored.get(phone)
    if (owner !== undefined && owner.id !== id) {
      return [{ line, reason: `phone belongs to the customer with the id ${owner.id}`, fields }]
    }
    return (phones.get(id) ?? phone) === phone
      ? []
      : [{ line, reason: 'id belongs to a customer with another phone', fields }]
  })
}

async function saveBatch (db: Db, batch: readonly CustomerLine[], now: number): Promise<void> {
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
