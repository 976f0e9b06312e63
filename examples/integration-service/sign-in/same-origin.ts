import createError from '@fastify/error'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const CrossOrigin = createError(
  'SERVICE_CROSS_ORIGIN',
  'Requests from other sites are refused',
  403
)

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Against cross-site request forgery. Every browser of today says with
 * `Sec-Fetch-Site` where a request comes from; older ones say `Origin` on whatever
 * changes state. A client that says neither is no browser, and so carries no cookie that
 * somebody else could make it send. SameSite cookies are the second line, and the API
 * takes nothing but JSON, which a form of another site cannot post, the third.
 */
export function refuseCrossOrigin (
  app: FastifyInstance
): (request: FastifyRequest) => Promise<void> {
  const own = new URL(app.config.PUBLIC_URL).origin
  return async function sameOrigin ({ method, headers }) {
    if (safe.has(method)) return
    const site = headers['sec-fetch-site']
    const isOurs = site !== undefined
      ? site === 'same-origin' || site === 'none'
      : headers.origin === undefined || headers.origin === own
    if (!isOurs) throw new CrossOrigin()
  }
}

/**
 * Whether another site made the browser ask. A member's cookie goes along then, and reading is
 * not all that some pages do: they record that a session was signed, or log in elsewhere.
 */
export function isFromOtherSite ({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** Hook for what only our own pages ask. @throws {CrossOrigin} */
export async function refuseOtherSites (request: FastifyRequest): Promise<void> {
  if (isFromOtherSite(request)) throw new CrossOrigin()
}
