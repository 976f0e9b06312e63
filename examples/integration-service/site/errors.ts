import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { refuseUnknownRoute } from '../operations/errors.ts'
import { renderLayout, sendPage } from './page.ts'
import type { Site } from './site.ts'

/** Whether a person made the request, not a script. */
export function wantsHtml ({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true
}

/** Shows people refusals as a page; the service's own handler processes all others. */
export function createErrorHandler (site: Site) {
  return async function errorPage (
    error: FastifyError,
    request: FastifyRequest,
    reply: FastifyReply
  ): Promise<FastifyReply> {
    const { statusCode: status = error.validation === undefined ? 500 : 400 } = error
    if (!wantsHtml(request) || status >= 500 || status < 400) throw error
    const text = error.validation === undefined
      ? error.message
      : 'The URL or the form is incomplete or invalid'
    return sendPage(
      reply.code(status),
      renderLayout({
        site,
        title: 'Not possible',
        name: null,
        content: html`<section class="card narrow"><h1>That did not work</h1>
<p role="alert">${text}.</p>
<p><a href="${site.base}/member">Back to the account</a></p></section>`
      })
    )
  }
}

/** Not found: a page for people, JSON for programs. */
export function createNotFoundHandler (site: Site) {
  return function notFoundPage (request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (request.method !== 'GET' || !wantsHtml(request) || request.url.startsWith('/api/')) {
      return refuseUnknownRoute(request, reply)
    }
    const isDesk = /^\/desk(?:[/?]|$)/.test(request.url)
    return sendPage(
      reply.code(404),
      isDesk ? renderDeskNotFound(site) : renderLayout({
        site,
        title: 'Not found',
        name: null,
        content: html`<section class="card narrow"><h1>Page not found</h1>
<p>Check the address. The page may have moved.</p>
<p><a href="${site.base}/member">To the account</a></p></section>`
      })
    )
  }
}

function renderDeskNotFound ({ base }: Site): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Not found – Agent desktop</title>
<link rel="icon" href="${base}/assets/icon.svg">
<link rel="stylesheet" href="${base}/assets/theme.css">
<link rel="stylesheet" href="${base}/assets/site.css">
</head>
<body>
<header class="bar"><a class="brand" href="${base}/desk">Agent desktop</a></header>
<main id="main">
<section class="card narrow"><h1>Page not found</h1>
<p>Check the address. The page may have moved.</p>
<p><a class="button main" href="${base}/desk">To the desktop</a></p></section>
</main>
</body>
</html>
`
}
