import { CsvError, parse } from 'csv-parse'
import { toE164 } from './phone.ts'

/** A customer as a line of a file says it. Undefined is "the file has no such column". */
export interface CustomerLine {
  readonly line: number
  readonly id: string | undefined
  readonly name: string
  /** E.164. */
  readonly phone: string
  readonly email: string | null | undefined
  readonly note: string | null | undefined
}

/** Why a line cannot be used. */
export interface Fault {
  readonly line: number
  readonly reason: string
}

export interface CsvOptions {
  /** Where numbers without a country code are; two letters. */
  readonly region: string
  /** Between fields. Default a comma. */
  readonly delimiter?: string
  /** Of the bytes, as the web names it. Default `utf-8`. */
  readonly encoding?: string
}

const known = new Set(['id', 'name', 'phone', 'email', 'note'])
const longest = { id: 64, name: 200, email: 254, note: 2000 } as const

type Fields = Partial<Record<string, string>>

/**
 * The customers of a CSV file in order, and what is wrong with the others. Holds of the file only
 * its numbers and ids.
 */
export async function* readCustomers (
  bytes: AsyncIterable<Uint8Array>,
  { region, delimiter = ',', encoding = 'utf-8' }: CsvOptions
): AsyncGenerator<CustomerLine | Fault> {
  const skipped: Fault[] = []
  const parser = parse({
    bom: true,
    columns: headings,
    delimiter,
    info: true,
    max_record_size: 100_000,
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true
  })
  parser.on('skip', (error) => {
    // One quote too many gives an error at each of its ends.
    if (error !== undefined && skipped.at(-1)?.line !== faultOf(error).line) {
      skipped.push(faultOf(error))
    }
  })
  const feeding = feed()
  // A failure reaches us through the parser.
  feeding.catch((error: unknown) => parser.destroy(error as Error))
  const firstLines = new Map<string, number>()
  try {
    for await (
      const { record, info } of parser as AsyncIterable<{ record: Fields, info: { lines: number } }>
    ) {
      yield* skipped.splice(0)
      const read = customerOf(record, info.lines, region)
      yield 'reason' in read ? read : repeated(read, firstLines) ?? read
    }
  } catch (error) {
    if (!(error instanceof CsvError) && !(error instanceof UnfitFile)) throw error
    skipped.push(faultOf(error))
  }
  yield* skipped

  async function feed (): Promise<void> {
    const decoder = new TextDecoder(encoding, { fatal: true })
    for await (const chunk of bytes) {
      // Nobody reads on: what is left of the file is let go of.
      if (parser.destroyed) return
      await write(decode(chunk))
    }
    await write(decode())
    parser.end()

    function decode (chunk?: Uint8Array): string {
      try {
        return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
      } catch {
        throw new UnfitFile(`the file is not ${encoding}`)
      }
    }
  }

  async function write (text: string): Promise<void> {
    if (text !== '' && !parser.write(text)) {
      await new Promise(resolve => {
        parser.once('drain', resolve).once('close', resolve)
      })
    }
  }
}

/** What makes the whole file unusable. */
class UnfitFile extends Error {}

function headings (names: string[]): string[] {
  const columns = names.map(name => name.trim().toLowerCase())
  for (const name of ['name', 'phone']) {
    if (!columns.includes(name)) {
      throw new UnfitFile(`the first line must name the column ${name}`)
    }
  }
  const unfit = columns.find((name, index) => !known.has(name) || columns.indexOf(name) !== index)
  if (unfit !== undefined) {
    throw new UnfitFile(
      `the column ${JSON.stringify(unfit.slice(0, 40))} is unknown, or named twice`
    )
  }
  return columns
}

function customerOf (fields: Fields, line: number, region: string): CustomerLine | Fault {
  const { id, name = '', phone = '', email, note } = fields
  if (name === '') return { line, reason: 'name is missing' }
  if (phone === '') return { line, reason: 'phone is missing' }
  const number = toE164(phone, region)
  if (number === null) return { line, reason: 'phone is no telephone number' }
  const long = (Object.keys(longest) as Array<keyof typeof longest>).find(column =>
    (fields[column] ?? '').length > longest[column]
  )
  if (long !== undefined) {
    return { line, reason: `${long} is longer than ${longest[long]} characters` }
  }
  if (email && !/^[^\s@]+@[^\s@]+$/.test(email)) return { line, reason: 'email is no address' }
  return {
    line,
    id: id || undefined,
    name,
    phone: number,
    email: email === '' ? null : email,
    note: note === '' ? null : note
  }
}

function repeated (
  { line, id, phone }: CustomerLine,
  firstLines: Map<string, number>
): Fault | undefined {
  const keys = { phone: `phone ${phone}`, ...id !== undefined && { id: `id ${id}` } }
  const [column, key] = Object.entries(keys).find(([, key]) => firstLines.has(key)) ?? []
  if (key !== undefined) {
    return { line, reason: `${column} is the same as in line ${firstLines.get(key)}` }
  }
  for (const key of Object.values(keys)) firstLines.set(key, line)
}

function faultOf (error: Error & { lines?: unknown }): Fault {
  return {
    line: typeof error.lines === 'number' ? error.lines : 1,
    reason: error instanceof UnfitFile
      ? error.message
      : reasons[(error as { code?: string }).code ?? ''] ?? 'is no CSV'
  }
}

const reasons: Record<string, string> = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'has more or fewer fields than the first line',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'has more or fewer fields than the first line',
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_MAX_RECORD_SIZE: 'is longer than 100000 characters: a quote that is never closed?',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a field'
}
