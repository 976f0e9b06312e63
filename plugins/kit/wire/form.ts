import { InputError } from '../scheme.ts'
import { assertWellFormed } from './text.ts'

/**
 * Parses `application/x-www-form-urlencoded` text (a body, or a query string without
 * its `?`) into a Map in source order, refuseInputErrors what two parsers could read differently.
 * @throws {InputError} on a repeated name, a broken percent escape, or escapes that are not UTF-8
 */
export function parseForm (text: string, what: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of parseFormPairs(text, what)) {
    if (fields.has(name)) throw new InputError(`${what} repeats a parameter`)
    fields.set(name, value)
  }
  return fields
}

/**
 * The same for vendors that sign repeated names: every pair, in source order.
 * @throws {InputError} on a broken percent escape, or escapes that are not UTF-8
 */
export function parseFormPairs (text: string, what: string): Array<[name: string, value: string]> {
  assertWellFormed(text, what)
  return text.split('&').filter(pair => pair !== '').map(pair => {
    const at = pair.indexOf('=')
    return at < 0
      ? [decode(pair, what), '']
      : [decode(pair.slice(0, at), what), decode(pair.slice(at + 1), what)]
  })
}

/**
 * The query of a request target as {@link parseForm} reads it: untouched by schema coercion.
 * @throws {InputError} also on a `#`, and on a `;` in the path: for Fastify's router the one begins
 * the query, and so does the other with its option `useSemicolonDelimiter`. A handler would see
 * other values than were verified.
 */
export function parseQuery (target: string): Map<string, string> {
  if (target.includes('#')) throw new InputError('the request target has a fragment')
  const at = target.indexOf('?')
  const [path, query] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
  if (path.includes(';')) throw new InputError('the path of the request target has a semicolon')
  return parseForm(query, 'query')
}

function decode (text: string, what: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw new InputError(`${what} has an invalid percent escape`)
  }
}
