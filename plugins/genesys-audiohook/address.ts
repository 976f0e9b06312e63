import { parseUrl } from '../kit/index.ts'

/** Where Genesys reaches this server. */
export interface PublicAddress {
  readonly authority: string
  /** The start of the path that a proxy removes. */
  readonly prefix: string
}

/** Parses a WebSocket URL without a query; null for any other text. */
export function publicAddress (text: string): PublicAddress | null {
  const url = parseUrl(text)
  if (url === null || !/^(?:wss?|https?):$/.test(url.protocol) || /[?#]/.test(text)) return null
  return { authority: url.host, prefix: url.pathname.replace(/\/$/, '') }
}
