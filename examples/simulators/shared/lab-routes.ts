import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseUrl } from 'fastify-contact-center/kit'
import { type FaultLab, faultRoutes } from './fault-routes.ts'
import { renderPage } from './page.ts'
import type { Settings } from './settings.ts'
import { type PageSettings, settingsRoutes } from './settings-routes.ts'

export interface LabPage<Fields extends Settings, Bench>
  extends PageSettings<Fields>, FaultLab<Bench> {
  /** The vendor's own part of the page, as HTML. */
  readonly content: (request: FastifyRequest) => string
}

/**
 * The common routes of simulators: page, events, settings and faults. Call it before adding other
 * routes below `/lab/`, which it guards.
 */
export function labRoutes<Fields extends Settings, Bench> (
  app: FastifyInstance,
  lab: LabPage<Fields, Bench>
): void {
  const { vendor, events, content } = lab
  app.addHook('onRequest', refuseOtherSites)
  const renderSettings = settingsRoutes(app, lab)
  const renderFaults = faultRoutes(app, lab)

  for (const path of ['/', '/lab']) {
    app.get(
      path,
      async (request, reply) =>
        reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(
          renderPage(vendor, content(request) + renderSettings() + renderFaults(), events.since())
        )
    )
  }
  app.get<{ Querystring: { since?: number } }>('/lab/events', {
    schema: {
      querystring: { type: 'object', properties: { since: { type: 'integer', minimum: 0 } } }
    }
  }, async request => events.since(request.query.since))
}

/**
 * Any page open in a browser can post a form to loopback. It must not trigger requests signed with
 * your keys, nor choose their target.
 */
export async function refuseOtherSites (
  request: FastifyRequest
): Promise<void> {
  if (request.routeOptions.url?.startsWith('/lab/') === true) await refusePostsOfOtherSites(request)
}

/** The same for simulators that accept posts only from their own pages. */
export async function refusePostsOfOtherSites (
  { method, headers, host }: FastifyRequest
): Promise<void> {
  if (method !== 'POST') return
  const site = headers['sec-fetch-site']
  const isOwnPage = site !== undefined
    ? site === 'same-origin' || site === 'none'
    : headers.origin === undefined || parseUrl(headers.origin)?.host === host
  if (!isOwnPage) {
    throw Object.assign(new Error('the lab refuses requests from other sites'), {
      statusCode: 403
    })
  }
}
