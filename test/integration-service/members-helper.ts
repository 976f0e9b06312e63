import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'

/**
 * A minimal browser over `inject`: it keeps cookies, follows no redirects, and sends forms with
 * their hidden fields.
 */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: FastifyInstance
  /** The address that the app sees. */
  remoteAddress = '127.0.0.1'

  constructor (app: FastifyInstance) {
    this.#app = app
  }

  async get (url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.#keep(
      await this.#app.inject({ url, headers: { accept: 'text/html', ...this.#sent(), ...headers } })
    )
  }

  async post (
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {}
  ): Promise<LightMyRequestResponse> {
    return this.#keep(
      await this.#app.inject({
        method: 'POST',
        url,
        remoteAddress: this.remoteAddress,
        headers: {
          accept: 'text/html',
          'content-type': 'application/x-www-form-urlencoded',
          ...this.#sent(),
          ...headers
        },
        payload: new URLSearchParams(fields).toString()
      })
    )
  }

  /** Loads a page and sends its form to `action`, with the given fields. */
  async fill (
    page: string,
    action: string,
    fields: Record<string, string>
  ): Promise<LightMyRequestResponse> {
    return await this.post(action, { ...hiddenFields((await this.get(page)).body), ...fields })
  }

  async signIn (
    page = '/member/login',
    [{ login, password }] = demoSignIns.members
  ): Promise<LightMyRequestResponse> {
    return await this.fill(page, '/member/login', { login, password })
  }

  #sent (): Record<string, string> {
    return this.cookies.size === 0
      ? {}
      : { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  #keep (reply: LightMyRequestResponse): LightMyRequestResponse {
    for (const { name, value, maxAge, expires } of reply.cookies) {
      if (maxAge === 0 || (expires !== undefined && Number(expires) <= 0)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return reply
  }
}

/** The values of a page's hidden fields, unescaped. */
export function hiddenFields (page: string): Record<string, string> {
  const fields = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, unescape(value)]))
}

function unescape (text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll(
      '&amp;',
      '&'
    )
}
