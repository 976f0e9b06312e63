import { type Static, Type } from '@sinclair/typebox'
import { NotANumber, toE164 } from '../customers/phone.ts'
import { phonesByName } from '../store/customer-names.ts'
import { type CallQuery, outcomes } from '../store/calls.ts'
import type { Db } from '../store/index.ts'

const textFilter = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ maxLength, description, pattern: '^[^\\u0000]*$' }))
const timeFilter = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 9e15, description }))

/** The filters of a search. */
export const HistoryFilters = Type.Object({
  number: textFilter(
    40,
    'Only calls with this number, in any spelling; four to eight digits match the end of a number'
  ),
  search: textFilter(100, 'A number as above, or prefixes of words in a customer’s name'),
  agent: textFilter(100, 'Only calls of this agent'),
  direction: Type.Optional(Type.Union([Type.Literal('inbound'), Type.Literal('outbound')])),
  outcome: Type.Optional(
    Type.Union([...outcomes, 'ended' as const].map(outcome => Type.Literal(outcome)))
  ),
  disposition: textFilter(100, 'Only calls with this disposition'),
  from: timeFilter('Only calls since this time, epoch milliseconds'),
  to: timeFilter('Only calls before this time, epoch milliseconds')
})
export type HistoryFilters = Static<typeof HistoryFilters>

/** Maximum of matching customers; a longer prefix narrows the search. */
const maximumNames = 50

/** Converts the filters to a store query. @throws {NotANumber} */
export async function createHistoryQuery (
  db: Db,
  region: string,
  { number, search = '', agent, direction, outcome, disposition, from, to }: HistoryFilters
): Promise<Omit<CallQuery, 'limit' | 'before'>> {
  return {
    ...number !== undefined && filterByNumber(number, region),
    ...search.trim() !== '' && await filterBySearch(db, search.trim(), region),
    ...agent !== undefined && { agentId: agent },
    ...direction !== undefined && { direction },
    ...outcome !== undefined && { outcome },
    ...disposition !== undefined && { disposition },
    ...from !== undefined && { from },
    ...to !== undefined && { to }
  }
}

async function filterBySearch (db: Db, text: string, region: string) {
  // Text with letters is a name; any other text is a number, or a mistyped one.
  return /\p{L}/u.test(text)
    ? { customerNumbers: await phonesByName(db, text, maximumNames) }
    : filterByNumber(text, region)
}

/**
 * Whole numbers in any spelling. A few digits could be a whole number, but are mostly the end of
 * one.
 * @throws {NotANumber}
 */
function filterByNumber (
  text: string,
  region: string
): { customerNumber: string } | { numberEnd: string } {
  const digits = text.replace(/[\s()./-]/g, '')
  if (/^[0-9]{4,8}$/.test(digits)) return { numberEnd: digits }
  const customerNumber = toE164(text, region)
  if (customerNumber === null) throw new NotANumber()
  return { customerNumber }
}
