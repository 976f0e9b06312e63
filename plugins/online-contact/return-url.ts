import { isSecure, parseUrl } from '../kit/wire/url.ts'

/**
 * Whether a visitor may be sent to an address that came with a request: absolute, of
 * one of the hosts exactly (with the port, unless it is 443), and `https`, or `http` on
 * loopback. Credentials, backslashes, white space and every spelling of the origin but
 * the canonical one are refused, because browsers and parsers read those differently.
 */
export function isAllowedReturnUrl (url: string, hosts: readonly string[]): boolean {
  if (typeof url !== 'string' || !url.isWellFormed() || /[\\\s\p{Cc}]/u.test(url)) return false
  const parsed = parseUrl(url)
  if (parsed === null) return false
  const { origin, host } = parsed
  return isSecure(parsed) && hosts.includes(host) && url.startsWith(origin) &&
    /^(?:[/?#]|$)/.test(url.slice(origin.length))
}

/**
 * The return URL after a server-side login: with the member's id and the signed time at the end of
 * its query. What stands there stays as it is written, save for parameters of these two names.
 */
export function returnUrlWith (
  returnUrl: string,
  { usercode, time }: { usercode: string, time: string }
): string {
  const url = new URL(returnUrl)
  const added = new URLSearchParams({ usercode, time })
  const kept = url.search.slice(1).split('&').filter(pair => !added.has(nameOf(pair))).join('&')
  url.search = `?${kept}${kept === '' ? '' : '&'}${added.toString()}`
  return url.href
}

function nameOf (pair: string): string {
  return new URLSearchParams(`&${pair}`).keys().next().value ?? ''
}
