import { InputError } from '../kit/scheme.ts'
import { parseQuery } from '../kit/wire/form.ts'
import { assertWellFormed } from '../kit/wire/text.ts'
import { parseUrl } from '../kit/wire/url.ts'

/** The fields of a click-to-call URL. Without `hash`, the agent must log in by hand. */
export interface ClickToCallFields {
  /** The agent's CSC login. */
  username: string
  /** The customer's number. */
  callerId: string
  /** The call's unique id, not a number to dial. */
  callId?: string
  /** The session guid of the voice vendor. */
  sessionGuid?: string
  /** The call's token. */
  callToken?: string
  /** The page that the call came from. */
  referrer?: string
}

/** The names of the query parameters, as CSC's authentication servlet is configured. */
export type ParameterNames = Record<keyof ClickToCallFields | 'clickToCallInit' | 'hash', string>

/** In the order of the URL. */
export const defaultNames: Readonly<ParameterNames> = {
  clickToCallInit: 'clickToCallInit',
  username: 'username',
  hash: 'hash',
  callerId: 'UserTelephoneNumber',
  callId: 'callid',
  sessionGuid: 'estara_fsguid',
  callToken: 'token',
  referrer: 'referrer'
}

const fieldOrder = Object.keys(defaultNames) as Array<keyof ParameterNames>

/** The options of the functions that write and read click-to-call URLs. */
export interface UrlOptions {
  /** Parameter names that differ from {@link defaultNames}. */
  names?: Partial<ParameterNames>
}

/**
 * The URL that opens CSC for a call, form-urlencoded. The query of `base` is extended and its
 * fragment kept; other fields are ignored. With a hash, the URL signs the agent in: never log it
 * whole.
 * @throws {InputError} when `base` is not an absolute http or https URL, or contains credentials or
 * one of our parameters; when a value is ill-formed or two parameters have the same name
 * @throws {TypeError} when a value is not text
 */
export function clickToCallUrl (
  base: string,
  fields: ClickToCallFields & { hash?: string },
  { names }: UrlOptions = {}
): string {
  const allNames = parameterNames(names)
  const url = baseUrl(base, allNames)
  const values: Partial<ParameterNames> = { ...fields, clickToCallInit: 'true' }
  const query = new URLSearchParams()
  for (const field of fieldOrder) {
    const value = values[field]
    if (value === undefined && field !== 'username' && field !== 'callerId') continue
    if (typeof value !== 'string') throw new TypeError(`${field} must be a string`)
    assertWellFormed(value, field)
    query.append(allNames[field], value)
  }
  url.search += (url.search === '' ? '' : '&') + query.toString()
  return url.href
}

/**
 * The parameters of a click-to-call URL or a request target, by our field names. Other parameters
 * are ignored.
 * @throws {InputError} on a repeated parameter, a broken percent escape or ill-formed text
 */
export function readClickToCallUrl (
  url: string,
  { names }: UrlOptions = {}
): Partial<ParameterNames> {
  const allNames = parameterNames(names)
  const query = parseQuery(url.replace(/#.*/s, ''))
  const fields: Partial<ParameterNames> = {}
  for (const field of fieldOrder) {
    const value = query.get(allNames[field])
    if (value !== undefined) fields[field] = value
  }
  return fields
}

/**
 * The URL or request target for a log: values that sign in or identify a person are replaced by
 * `***`. Accepts any text and never throws.
 */
export function maskClickToCallUrl (url: string, { names }: UrlOptions = {}): string {
  const maskedNames = new Set(
    Object.entries({ ...defaultNames, ...names }).filter(([field]) => field !== 'clickToCallInit')
      .map(([, name]) => name.toLowerCase())
  )
  let isHidden = false
  let inQuery = false
  return url.split(/([?#&;])/).map((part, index) => {
    if (index % 2 === 1) {
      // Some parsers count ? and ; as part of a value, so the text after them is masked too.
      isHidden &&= part === '?' || part === ';'
      // The first ? begins the query for every parser, so it is kept.
      const beginsQuery = part === '?' && !inQuery
      inQuery ||= beginsQuery
      return isHidden && !beginsQuery ? '' : part
    }
    if (isHidden) return ''
    const name = part.replace(/=.*/s, '')
    const decodedName = new URLSearchParams(name).keys().next().value ?? ''
    isHidden = name !== part && maskedNames.has(decodedName.toLowerCase())
    return isHidden ? `${name}=***` : part
  }).join('')
}

/**
 * The names with the defaults filled in.
 * @throws {InputError} when a name is empty, ill-formed, unknown or repeated
 */
export function parameterNames (names: Partial<ParameterNames> = {}): Readonly<ParameterNames> {
  const allNames = { ...defaultNames, ...names }
  for (const [field, name] of Object.entries(allNames)) {
    if (!Object.hasOwn(defaultNames, field)) {
      throw new InputError(
        `unknown parameter "${field}"; valid parameters: ${fieldOrder.join(', ')}`
      )
    }
    if (typeof name !== 'string' || name === '') {
      throw new InputError(`the name of parameter "${field}" must be a non-empty string`)
    }
    assertWellFormed(name, `the name of parameter "${field}"`)
  }
  if (new Set(Object.values(allNames)).size !== fieldOrder.length) {
    throw new InputError('two parameters have the same name')
  }
  return allNames
}

/** @throws {InputError} on a base that cannot carry our parameters */
export function baseUrl (base: string, names: Readonly<ParameterNames>): URL {
  const url = parseUrl(base)
  if (url === null) throw new InputError('the base URL must be an absolute URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new InputError('the base URL must be http or https')
  }
  if (url.username !== '' || url.password !== '') {
    throw new InputError('the base URL must not contain credentials')
  }
  const usedName = Object.values(names).find(name => url.searchParams.has(name))
  if (usedName !== undefined) {
    throw new InputError(`the base URL already has a parameter "${usedName}"`)
  }
  return url
}
