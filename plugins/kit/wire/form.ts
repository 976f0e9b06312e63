import { InputError } from '../scheme.ts'
import { assertWellFormed } from './text.ts'

/**
 * Parses `application/x-www-form-urlencoded` text (a body, or a query string without its `?`) into
 * a Map in source order. It refuses text that two parsers could read differently.
 * @throws {InputError} on a repeated name, a broken percent escape, or escapes that are not UTF-8
 */
export function parseForm (text: string, label: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of parseFormPairs(text, label)) {
    if (fields.has(name)) throw new InputError(`${label} repeats a parameter`)
    fields.set(name, value)
  }
  return fields
}

/**
 * Parses the same text into all its pairs, in source order, for vendors that sign repeated names.
 * @throws {InputError} on a broken percent escape, or escapes that are not UTF-8
 */
export function parseFormPairs (text: string, label: string): Array<[name: string, value: string]> {
  assertWellFormed(text, label)
  return text.split('&').filter(pair => pair !== '').map(pair => {
    const equals = pair.indexOf('=')
    return equals < 0
      ? [decode(pair, label), '']
      : [decode(pair.slice(0, equals), label), decode(pair.slice(equals + 1), label)]
  })
}

/**
 * Parses the query of a request target as {@link parseForm} does, untouched by schema coercion.
 * @throws {InputError} also on a `#`, and on a `;` in the path: Fastify's router starts the query
 * at a `#` and, with its option `useSemicolonDelimiter`, at a `;`. A handler would see values that
 * were not verified.
 */
export function parseQuery (target: string): Map<string, string> {
  if (target.includes('#')) throw new InputError('the request target has a fragment')
  const queryStart = target.indexOf('?')
  const [path, query] = queryStart < 0
    ? [target, '']
    : [target.slice(0, queryStart), target.slice(queryStart + 1)]
  if (path.includes(';')) throw new InputError('the path of the request target has a semicolon')
  return parseForm(query, 'query')
}

function decode (text: string, label: string): string {
  const withSpaces = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!withSpaces.includes('%')) return withSpaces
  try {
    return decodeURIComponent(withSpaces)
  } catch {
    throw new InputError(`${label} has an invalid percent escape`)
  }
}
