/** As much of a browser as a script needs: cookies, and forms that are read off a page. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  /** One request; redirects are not followed, so that each hop can be looked at. */
  async request (url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.#cookies.size > 0) headers.set('cookie', this.cookie)
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }

  async postJson (url: string, body: unknown): Promise<Response> {
    return await this.request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  }

  async postForm (url: string, fields: Record<string, string>): Promise<Response> {
    return await this.request(url, { method: 'POST', body: new URLSearchParams(fields) })
  }

  /** What the browser would send to any of these hosts: on loopback they are one. */
  get cookie (): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }
}

export interface Form {
  action: string
  fields: Record<string, string>
}

/** The page's form with its hidden fields. @throws {Error} when there is none */
export function formOf (html: string, base: string): Form {
  const [form, action] = /<form[^>]*action="([^"]*)"[^]*?<\/form>/.exec(html) ?? []
  if (form === undefined || action === undefined) throw new Error('the page has no form')
  const fields: Record<string, string> = {}
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1]
    if (name !== undefined) fields[unescaped(name)] = unescaped(/value="([^"]*)"/.exec(input)?.[1] ?? '')
  }
  return { action: new URL(unescaped(action), base).href, fields }
}

function unescaped (text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi, (all, hex?: string, decimal?: string, name = '') =>
    hex !== undefined ? String.fromCodePoint(Number.parseInt(hex, 16)) : decimal !== undefined ? String.fromCodePoint(Number(decimal)) : named[name] ?? all)
}
