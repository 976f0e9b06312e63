import createError from '@fastify/error'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const CrossOrigin = createError(
  'SERVICE_CROSS_ORIGIN',
  'Requests from other sites are refused',
  403
)

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Prevents cross-site request forgery. Every current browser sends `Sec-Fetch-Site`; older ones
 * send `Origin` with requests that change state. A client that sends neither is not a browser, so
 * no other site can make it send a cookie. SameSite cookies are the second defence. The third: the
 * API accepts only JSON, which a form of another site cannot post.
 */
export function refuseCrossOrigin (
  app: FastifyInstance
): (request: FastifyRequest) => Promise<void> {
  const ownOrigin = new URL(app.config.PUBLIC_URL).origin
  return async function sameOrigin ({ method, headers }) {
    if (safeMethods.has(method)) return
    const site = headers['sec-fetch-site']
    const isAllowed = site !== undefined
      ? site === 'same-origin' || site === 'none'
      : headers.origin === undefined || headers.origin === ownOrigin
    if (!isAllowed) throw new CrossOrigin()
  }
}

/**
 * Whether another site caused the request. The member's cookie is sent with it, and some GET pages
 * have effects: they record a signed session, or log in elsewhere.
 */
export function isFromOtherSite ({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/** Hook for routes that only our own pages may request. @throws {CrossOrigin} */
export async function refuseOtherSites (request: FastifyRequest): Promise<void> {
  if (isFromOtherSite(request)) throw new CrossOrigin()
}
