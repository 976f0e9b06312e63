import { parse, stringify } from 'node:querystring'
import { parseUrl } from '../kit/wire/url.ts'

/**
 * The URLs that Twilio may have signed when it called this one. Depending on the product, it writes
 * the port or leaves it out. Without `strict`, also the escaped forms that Twilio's own library
 * tries.
 */
export function* signedUrls (url: string, strict: boolean): Generator<string> {
  // The URL unchanged comes first: most are signed so, and it need not be split for that.
  yield url
  const withoutPort = removePort(url)
  yield withoutPort === url ? addPort(url) : withoutPort
  const normalized = strict ? undefined : parseUrl(url)?.href
  if (normalized === undefined) return
  const normalizedUrls = [removePort(normalized), addPort(normalized)]
  yield* normalizedUrls
  yield* normalizedUrls.map(escapeQuery)
}

function removePort (url: string): string {
  const { origin, rest } = splitUrl(url)
  return origin + rest
}

function addPort (url: string): string {
  const { origin, port, rest } = splitUrl(url)
  if (port !== '' || origin === '') return url
  return `${origin}${/^https:/i.test(url) ? ':443' : ':80'}${rest}`
}

/** Splits the text itself: `new URL()` would escape characters that Twilio signs. */
function splitUrl (url: string): { origin: string, port: string, rest: string } {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0]
  if (scheme === undefined) return { origin: '', port: '', rest: url }
  const pathOffset = url.slice(scheme.length).search(/[/?#]/)
  const end = pathOffset < 0 ? url.length : scheme.length + pathOffset
  const hostStart = Math.max(scheme.length, url.lastIndexOf('@', end - 1) + 1)
  // In an IPv6 address, only a colon after the bracket begins the port.
  const colon = url.indexOf(':', Math.max(hostStart, url.lastIndexOf(']', end - 1)))
  const portStart = colon < 0 || colon > end ? end : colon
  return { origin: url.slice(0, portStart), port: url.slice(portStart, end), rest: url.slice(end) }
}

/** The query as Node's older module escapes it, which escapes more than `URL`. */
function escapeQuery (url: string): string {
  const queryStart = url.indexOf('?')
  return queryStart < 0 || queryStart === url.length - 1
    ? url
    : `${url.slice(0, queryStart)}?${stringify(parse(url.slice(queryStart + 1)))}`
}
