/** A minimal browser for scripts: cookies and form posts. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  /** Sends one request. Does not follow redirects, so that each hop can be checked. */
  async request (url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.#cookies.size > 0) headers.set('cookie', this.cookie)
    const response = await fetch(url, {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000)
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }

  async postJson (url: string, body: unknown): Promise<Response> {
    return await this.request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
  }

  async postForm (url: string, fields: Record<string, string>): Promise<Response> {
    return await this.request(url, { method: 'POST', body: new URLSearchParams(fields) })
  }

  /** The Cookie header for all hosts: on loopback they share one cookie jar. */
  get cookie (): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }
}
