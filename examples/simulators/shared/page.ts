import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import type { LabEvent } from './events.ts'

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: color-mix(in srgb, currentColor 22%, transparent); --accent: light-dark(#0b57a4, #8ab8f0) }
  html { background: light-dark(#f4f5f7, #14181d); color: light-dark(#1b1f24, #e6e8eb) }
  body { max-width: 72rem; margin: 0 auto; padding: 1rem }
  a { color: var(--accent) }
  header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; border-bottom: 2px solid var(--accent); margin-bottom: 1rem }
  h1 { font-size: 1.6rem; margin: .3rem 0 } h2 { font-size: 1.15rem; margin: 0 0 .6rem } h3 { font-size: 1rem; margin: 1rem 0 .4rem } .card > :first-child { margin-top: 0 }
  .card { background: light-dark(#fff, #1c2229); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem }
  .card > p:last-child { margin-bottom: 0 }
  .quiet, header small { color: light-dark(#59616b, #a5adb7) }
  summary { font-weight: bold; cursor: pointer } details[open] > summary { margin-bottom: .6rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word }
  td:last-child, td small { overflow-wrap: anywhere }
  thead th { font-size: .85rem; color: light-dark(#59616b, #a5adb7); white-space: nowrap } tbody th { white-space: nowrap; width: 1% }
  .accepted, .verified { color: light-dark(#0a6b2d, #6fdc98) } .refused, .failed, .warning { color: light-dark(#a3151b, #ff9a9a) }
  form { margin: 0 } input, button, select, textarea { font: inherit; padding: .3rem .6rem; min-height: 2.3rem; max-width: 100%; border: 1px solid light-dark(#7a828c, #7a828c); border-radius: .3rem; background: light-dark(#fff, #14181d); color: inherit; box-sizing: border-box }
  button { cursor: pointer; background: light-dark(#eaf1f8, #243242) } :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
  .row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end } .row label { display: grid; font-size: .85rem; gap: .15rem } .row label > * { font-size: 1rem }
  .settings p { display: grid; grid-template-columns: 16rem minmax(0, 24rem) minmax(0, 1fr); gap: .2rem 1rem; align-items: center; margin: 0 0 .5rem } .settings p:last-child { display: block }
  code, pre { font: .9em/1.45 ui-monospace, monospace; overflow-wrap: anywhere }
  pre { white-space: pre-wrap; margin: 0; padding: .6rem; border-radius: .3rem; background: color-mix(in srgb, currentColor 7%, transparent) }
  #faults td:first-child { white-space: nowrap; width: 1% } #faults td:nth-child(4) { width: 30% }
  .messages { list-style: none; padding: 0 } .wide { overflow-x: auto } td form { display: inline-block }
  .row label { min-width: 0; max-width: 100%; grid-template-columns: minmax(0, auto) }
  #events td:last-child { min-width: 14rem }
  @media (max-width: 50rem) { .settings p { grid-template-columns: minmax(0, 1fr) } tbody th { white-space: normal } .card { overflow-x: auto } .card table { min-width: 34rem } }
`

/** On the page; the API returns all. */
const shownEvents = 50

/**
 * A simulator's page: the vendor's name, a simulator notice, the content (HTML), and the events.
 */
export function renderPage (vendor: string, content: string, events?: LabEvent[]): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${vendor} (simulator)</title><link rel="icon" href="data:,"><style>!${style}</style></head>
<body>
<header><h1>${vendor}</h1><small>simulator, not the vendor</small></header>
<main>!${content}</main>
!${events === undefined ? '' : renderEvents(events)}
</body>
</html>`
}

function renderEvents (events: LabEvent[]): string {
  if (events.length === 0) {
    return '<section class="card"><h2>Events</h2><p class="quiet">Nothing has happened yet.</p></section>'
  }
  return html`<section class="card"><h2>Events</h2><div class="wide"><table id="events">
<thead><tr><th>Time</th><th>Kind</th><th>Outcome</th><th>Description</th></tr></thead>
<tbody>!${
    events.slice(-shownEvents).toReversed().map(renderEvent).join('')
  }</tbody></table></div></section>`
}

function renderEvent ({ at, kind, outcome, text }: LabEvent): string {
  const time = new Date(at).toISOString()
  return html`<tr><td><time datetime="${time}">${
    time.slice(11, 23)
  }</time></td><td>${kind}</td><td class="${outcome}">${outcome}</td><td>${text}</td></tr>`
}

/** Whether a form on a page sent the request, rather than a script. */
export function isFormPost ({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
}

/** Sends the result to scripts, and redirects forms to the lab page. */
export function replyOrRedirect (
  request: FastifyRequest,
  reply: FastifyReply,
  result: unknown
): unknown {
  return isFormPost(request) ? reply.redirect('/lab', 303) : result
}
