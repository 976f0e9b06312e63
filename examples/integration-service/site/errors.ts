import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { layout, sendPage } from './page.ts'

/** Whether a person is looking, and not a script. */
export function wantsHtml ({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true
}

/** Refusals as a page for people; all else goes on to the service's own handler. */
export async function errorPages (
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply
): Promise<FastifyReply> {
  const { statusCode: status = error.validation === undefined ? 500 : 400 } = error
  if (!wantsHtml(request) || status >= 500 || status < 400) throw error
  return sendPage(
    reply.code(status),
    layout({
      title: 'Not possible',
      name: null,
      content: html`<section class="card narrow"><h1>That did not work</h1>
<p role="alert">${error.message}.</p>
<p><a href="/member">Back to the account</a></p></section>`
    })
  )
}
