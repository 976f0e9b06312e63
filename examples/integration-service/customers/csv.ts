import { CsvError, parse } from 'csv-parse'
import { createDecoder, EncodingMismatch } from './encoding.ts'
import { toE164 } from './phone.ts'

type Fields = Partial<Record<string, string>>

/** A customer as in a line of the file. Undefined means that the file has no such column. */
export interface CustomerLine {
  readonly line: number
  readonly id: string | undefined
  readonly name: string
  /** E.164. */
  readonly phone: string
  readonly email: string | null | undefined
  readonly note: string | null | undefined
}

/** Why a line was rejected. */
export interface Fault {
  readonly line: number
  readonly reason: string
  /** The fields of the line, if it could be parsed. */
  readonly fields?: Readonly<Fields>
}

export interface CsvOptions {
  /** The country of numbers without a country code; two letters. */
  readonly region: string
  /** The delimiter. Default: that of a first line `sep=;`, else a comma. */
  readonly delimiter?: string
  /** The encoding, by one of its usual names. Default `utf-8`. */
  readonly encoding?: string
}

/** A file of rejected lines also has the columns `line` and `reason`. */
const knownColumns = new Set(['id', 'name', 'phone', 'email', 'note', 'line', 'reason'])
const maximumLengths = { id: 64, name: 200, email: 254, note: 2000 } as const

/**
 * Reads the customers of a CSV file in order, and the faults of rejected lines. Keeps only the
 * file's numbers and ids in memory.
 */
export async function* readCustomers (
  bytes: AsyncIterable<Uint8Array>,
  { region, delimiter, encoding = 'utf-8' }: CsvOptions
): AsyncGenerator<CustomerLine | Fault> {
  const skipped: Fault[] = []
  const firstLines = new Map<string, number>()
  const texts = decodeChunks(bytes, encoding)
  try {
    const { text, separator } = await readBeginning(texts)
    const columnDelimiter = delimiter ?? separator ?? ','
    const linesAbove = separator === undefined ? 0 : 1
    let columns: string[] | undefined
    for await (
      const { record, line } of parseRecords(text, texts, columnDelimiter, linesAbove, skipped)
    ) {
      yield* skipped.splice(0)
      if (columns === undefined) {
        columns = parseHeadings(record, columnDelimiter)
        continue
      }
      // Excel writes them if another row was wider, and below the last row.
      const fields = dropEmptyEnd(record, columns.length)
      if (fields.every(field => field === '')) continue
      yield parseRow(fields, columns, line, region, firstLines)
    }
  } catch (error) {
    if (!isFileFault(error)) throw error
    skipped.push(toFault(error))
  }
  yield* skipped
}

/** Faults that reject the whole file. */
class InvalidFile extends Error {}

function isFileFault (error: unknown): error is Error {
  return error instanceof CsvError || error instanceof InvalidFile ||
    error instanceof EncodingMismatch
}

async function* decodeChunks (
  bytes: AsyncIterable<Uint8Array>,
  encoding: string
): AsyncGenerator<string> {
  const decoder = createDecoder(encoding)
  for await (const chunk of bytes) yield decoder.decode(chunk)
  yield decoder.decode()
}

/** The header line, after an optional `sep=` line for Excel. */
async function readBeginning (
  texts: AsyncGenerator<string>
): Promise<{ text: string, separator?: string }> {
  let text = ''
  while (!text.includes('\n') && text.length < 1000) {
    const { value, done } = await texts.next()
    if (done === true) break
    text += value
  }
  text = text.replace(/^\uFEFF/, '')
  const [line, separator] = /^"?sep=([^\r\n"])"?[^\r\n]*\r?\n/i.exec(text) ?? []
  return line === undefined || separator === undefined
    ? { text }
    : { text: text.slice(line.length), separator }
}

async function* parseRecords (
  first: string,
  texts: AsyncGenerator<string>,
  delimiter: string,
  linesAbove: number,
  skipped: Fault[]
): AsyncGenerator<{ record: string[], line: number }> {
  const parser = parse({
    delimiter,
    info: true,
    max_record_size: 100_000,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true
  })
  parser.on('skip', (error) => {
    if (error === undefined) return
    const fault = toFault(error, linesAbove)
    // A stray quote causes an error at each end of the quoted text.
    if (skipped.at(-1)?.line !== fault.line) skipped.push(fault)
  })
  // Pass a failure of the input on to the parser's reader.
  feedParser().catch((error: unknown) => parser.destroy(error as Error))
  for await (
    const { record, info } of parser as AsyncIterable<
      { record: string[], info: { lines: number } }
    >
  ) {
    yield { record, line: info.lines + linesAbove }
  }

  async function feedParser (): Promise<void> {
    await writeText(first)
    for await (const text of texts) {
      // The reader stopped early: release the file.
      if (parser.destroyed) return
      await writeText(text)
    }
    parser.end()
  }

  async function writeText (text: string): Promise<void> {
    if (text !== '' && !parser.destroyed && !parser.write(text)) {
      await new Promise(resolve => {
        parser.once('drain', resolve).once('close', resolve)
      })
    }
  }
}

function parseHeadings (names: string[], delimiter: string): string[] {
  const columns = dropEmptyEnd(names.map(name => name.trim().toLowerCase()), 1)
  for (const name of ['name', 'phone']) {
    if (!columns.includes(name)) {
      throw new InvalidFile(
        `the first line must contain the column ${name}${suggestDelimiter(names, delimiter)}`
      )
    }
  }
  const invalidColumn = columns.find((name, index) =>
    !knownColumns.has(name) || columns.indexOf(name) !== index
  )
  if (invalidColumn !== undefined) {
    throw new InvalidFile(
      `the column ${JSON.stringify(invalidColumn.slice(0, 40))} is unknown or repeated`
    )
  }
  return columns
}

/** A header line that would be valid with another delimiter. */
function suggestDelimiter (names: string[], delimiter: string): string {
  const line = names.join(delimiter)
  const suitableDelimiter = [',', ';', '\t', '|'].find(candidate =>
    candidate !== delimiter &&
    ['name', 'phone'].every(name =>
      line.split(candidate).some(field => field.trim().toLowerCase() === name)
    )
  )
  if (suitableDelimiter === undefined) return ''
  return `; it does with --delimiter ${
    suitableDelimiter === '\t' ? 'tab' : `"${suitableDelimiter}"`
  }`
}

function dropEmptyEnd (fields: string[], minimum: number): string[] {
  const end = fields.findLastIndex(field => field !== '') + 1
  return fields.slice(0, Math.max(end, minimum))
}

function parseRow (
  values: string[],
  columns: string[],
  line: number,
  region: string,
  firstLines: Map<string, number>
): CustomerLine | Fault {
  if (values.length !== columns.length) {
    return { line, reason: 'has more or fewer fields than the first line' }
  }
  const fields = Object.fromEntries(columns.map((name, index) => [name, values[index] ?? '']))
  const parsed = parseCustomer(fields, line, region)
  const row = 'reason' in parsed ? parsed : findRepeat(parsed, firstLines) ?? parsed
  return 'reason' in row ? { ...row, fields } : row
}

function parseCustomer (fields: Fields, line: number, region: string): CustomerLine | Fault {
  const { id, name = '', phone = '', email, note } = fields
  if (name === '') return { line, reason: 'name is missing' }
  if (phone === '') return { line, reason: 'phone is missing' }
  const number = toE164(phone, region)
  if (number === null) return { line, reason: 'phone is not a telephone number' }
  const longColumn = (Object.keys(maximumLengths) as Array<keyof typeof maximumLengths>).find(
    column => (fields[column] ?? '').length > maximumLengths[column]
  )
  if (longColumn !== undefined) {
    return { line, reason: `${longColumn} is longer than ${maximumLengths[longColumn]} characters` }
  }
  if (email && !/^[^\s@]+@[^\s@]+$/.test(email)) return { line, reason: 'email is not an address' }
  return {
    line,
    id: id || undefined,
    name,
    phone: number,
    email: email === '' ? null : email,
    note: note === '' ? null : note
  }
}

function findRepeat (
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

function toFault (error: Error & { lines?: unknown }, linesAbove = 0): Fault {
  return {
    line: typeof error.lines === 'number' ? error.lines + linesAbove : 1,
    reason: error instanceof InvalidFile || error instanceof EncodingMismatch
      ? error.message
      : reasons[(error as { code?: string }).code ?? ''] ?? 'is not CSV'
  }
}

const reasons: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is never closed',
  CSV_MAX_RECORD_SIZE: 'is longer than 100000 characters; a quote may never be closed',
  INVALID_OPENING_QUOTE: 'a quote is in the middle of a field'
}
