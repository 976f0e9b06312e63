import { parseFormPairs } from 'fastify-contact-center/kit'

/** The fields of a form, decoded; a repeated name has a list. */
export type Params = Readonly<Record<string, string | readonly string[]>>

/**
 * As it is signed: by UTF-16 code unit, and of a repeated name each value once, sorted, whatever
 * order they were sent in.
 */
export function paramsText (params: Params): string {
  return Object.keys(params).sort().map(name =>
    [...new Set([params[name] ?? []].flat())].sort().map(value => name + value).join('')
  ).join('')
}

/** Reads a form. @throws {InputError} on broken escapes */
export function paramsOf (form: string): Params {
  const params = new Map<string, string | string[]>()
  for (const [name, value] of parseFormPairs(form, 'body')) {
    const before = params.get(name)
    params.set(name, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(params)
}
