import type { Db } from './tables.ts'

/** Indexed words per name; nobody searches by the ninth. */
const maximumWords = 12

/** Scripts that write no space between family name and given name. */
const unspacedName =
  /^[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,8}$/u

/**
 * The search words of a name, without case and accents. A Korean given name is also found without
 * the family name.
 */
export function nameWords (name: string): string[] {
  const words = foldText(name).split(/[\s,.·'’-]+/u).filter(word => word !== '')
  const searchWords = words.flatMap(word => {
    const letters = [...word]
    return unspacedName.test(word)
      ? letters.slice(0, -1).map((_, start) => letters.slice(start).join(''))
      : [word]
  })
  return [...new Set(searchWords.map(word => word.slice(0, 60)))].slice(0, maximumWords)
}

/** Ignores case, accents and width. */
export function foldText (text: string): string {
  return text.normalize('NFKD').replace(/(?<=\p{Script=Latin})\p{M}+/gu, '').normalize('NFC')
    .toLowerCase().trim()
}

/**
 * The numbers of customers whose names have a word beginning with each typed word; at most `limit`.
 */
export async function phonesByName (db: Db, text: string, limit: number): Promise<string[]> {
  const words = foldText(text).split(/[\s,.·'’-]+/u).filter(word => word !== '').slice(0, 5)
  const [firstWord, ...otherWords] = words.sort((a, b) => b.length - a.length)
  if (firstWord === undefined) return []
  let query = db.selectFrom('customer_names as first').select('first.phone').distinct()
    .where('first.word', '>=', firstWord).where('first.word', '<', rangeEnd(firstWord)).limit(limit)
  for (const word of otherWords) {
    query = query.where(where =>
      where.exists(
        where.selectFrom('customer_names as other').select('other.phone')
          .whereRef('other.phone', '=', 'first.phone')
          .where('other.word', '>=', word).where('other.word', '<', rangeEnd(word))
      )
    )
  }
  return (await query.execute()).map(({ phone }) => phone)
}

/** Replaces the search words of customers whose names are new or changed. */
export async function saveNames (
  db: Db,
  customers: ReadonlyArray<{ name: string, phone: string }>
): Promise<void> {
  // A number may occur twice in an import; the last name wins.
  const namesByPhone = new Map(customers.map(({ phone, name }) => [phone, name]))
  await db.deleteFrom('customer_names').where('phone', 'in', [...namesByPhone.keys()]).execute()
  const rows = [...namesByPhone].flatMap(([phone, name]) =>
    nameWords(name).map(word => ({ word, phone }))
  )
  for (let start = 0; start < rows.length; start += 500) {
    await db.insertInto('customer_names').values(rows.slice(start, start + 500)).execute()
  }
}

/** The end of the range of texts with this prefix, in code point order. */
function rangeEnd (prefix: string): string {
  return prefix + '\u{10ffff}'
}
