import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { renderLayout, sendPage } from './page.ts'
import type { Site } from './site.ts'

/**
 * Replaces a page that has effects if another site sent the visitor: the visitor must confirm
 * first.
 */
export function sendConfirmPage (
  { url }: FastifyRequest,
  reply: FastifyReply,
  site: Site
): FastifyReply {
  return sendPage(
    reply,
    renderLayout({
      site,
      title: 'Go on',
      name: null,
      content: html`<section class="card narrow"><h1>Go on?</h1>
<p>You come from another site.</p>
<p class="actions"><a class="button main" href="${site.base}${url}">Go on</a></p></section>`
    })
  )
}
