import { isSecure, parseUrl } from '../kit/wire/url.ts'

/**
 * Whether a visitor may be redirected to an address from a request. It must be absolute, `https`
 * (or `http` on loopback), and have exactly one of the hosts, with the port unless it is 443.
 * Credentials, backslashes, white space and any but the canonical spelling of the origin are
 * refused, because browsers and parsers disagree about them.
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
 * its query. The rest of the query stays unchanged, but parameters of these two names are removed.
 */
export function returnUrlWith (
  returnUrl: string,
  { usercode, time }: { usercode: string, time: string }
): string {
  const url = new URL(returnUrl)
  const newParameters = new URLSearchParams({ usercode, time })
  const keptPairs = url.search.slice(1).split('&').filter(pair => !newParameters.has(nameOf(pair)))
    .join('&')
  url.search = `?${keptPairs}${keptPairs === '' ? '' : '&'}${newParameters.toString()}`
  return url.href
}

function nameOf (pair: string): string {
  return new URLSearchParams(`&${pair}`).keys().next().value ?? ''
}
