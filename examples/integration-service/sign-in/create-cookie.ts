import type { CookieSerializeOptions } from '@fastify/cookie'
import type { Config } from '../config.ts'

export interface OwnCookie {
  readonly name: string
  readonly options: CookieSerializeOptions & { readonly path: string }
}

/**
 * A cookie that scripts cannot read. Over https its name prefix makes browsers refuse one set by
 * another host; a service that shares its host limits its cookies to its own path instead, which
 * that prefix does not allow.
 */
export function createCookie (
  { PUBLIC_URL: url, BASE_PATH: basePath }: Config,
  name: string
): OwnCookie {
  const secure = url.startsWith('https:')
  const prefix = !secure ? '' : basePath === '' ? '__Host-' : '__Secure-'
  return {
    name: prefix + name,
    options: { path: basePath === '' ? '/' : basePath, httpOnly: true, sameSite: 'lax', secure }
  }
}
