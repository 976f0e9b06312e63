/**
 * Parses a URL; null if the text is not one. `URL.canParse` is unreliable: once optimized, Node 20
 * and 22 return false for every URL with a non-ASCII character, such as `é`.
 */
export function parseUrl (text: string, base?: string): URL | null {
  try {
    return new URL(text, base)
  } catch {
    return null
  }
}

/** Whether nobody on the network can read the traffic: https, or http to this machine. */
export function isSecure ({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' ||
    (protocol === 'http:' && /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/.test(hostname))
}
