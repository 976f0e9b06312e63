import { parseUrl } from '../kit/index.ts'

/** Where Genesys reaches this server. */
export interface PublicAddress {
  readonly authority: string
  /** What a proxy takes off the path. */
  readonly prefix: string
}

/** Reads a WebSocket URL without query; null for any other text. */
export function publicAddress (text: string): PublicAddress | null {
  const url = parseUrl(text)
  if (url === null || !/^(?:wss?|https?):$/.test(url.protocol) || /[?#]/.test(text)) return null
  return { authority: url.host, prefix: url.pathname.replace(/\/$/, '') }
}
