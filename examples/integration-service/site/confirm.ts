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
      title: 'Continue',
      name: null,
      content: html`<section class="card narrow"><h1>Continue?</h1>
<p>Another site sent you here.</p>
<p class="actions"><a class="button main" href="${site.base}${url}">Continue</a></p></section>`
    })
  )
}
