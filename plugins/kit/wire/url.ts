/**
 * The URL, or null where the text is none. Nothing here asks `URL.canParse`: once optimized,
 * that of Node 20 and 22 says false of every address that holds a character such as `é`.
 */
export function parseUrl (text: string, base?: string): URL | null {
  try {
    return new URL(text, base)
  } catch {
    return null
  }
}

/** Whether nobody on the way reads along: https, or plain http within the machine. */
export function isSecure ({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' ||
    (protocol === 'http:' && /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/.test(hostname))
}
