import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import type { LabEvent } from './events.ts'

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  html { background: light-dark(#fff, #14181d); color: light-dark(#1b1f24, #e6e8eb) }
  body { max-width: 60rem; margin: 0 auto; padding: 1rem; background: inherit }
  a { color: light-dark(#0b57a4, #8ab8f0) }
  header { display: flex; gap: 1rem; align-items: baseline; border-bottom: 2px solid; margin-bottom: 1rem }
  header small { opacity: .75 }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); vertical-align: top }
  .accepted, .verified { color: light-dark(#0a6b2d, #6fdc98) } .refused, .failed, .warning { color: light-dark(#a3151b, #ff9a9a) }
  input, button, select { font: inherit; padding: .3rem .6rem }
  td { overflow-wrap: anywhere } form { margin: 0 }
  pre { overflow-x: auto; padding: .6rem; background: color-mix(in srgb, currentColor 8%, transparent) }
`

/** A simulator's page: its vendor's name, that it is a stand-in, the content (HTML), and what it has seen so far. */
export function page (vendor: string, content: string, events: LabEvent[] = []): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${vendor} (simulator)</title><style>!${style}</style></head>
<body>
<header><h1>${vendor}</h1><small>simulator, not the vendor</small></header>
<main>!${content}</main>
!${events.length === 0 ? '' : eventTable(events)}
</body>
</html>`
}

function eventTable (events: LabEvent[]): string {
  return html`<section><h2>Events</h2><table>
<thead><tr><th>Time</th><th>What</th><th>Outcome</th><th></th></tr></thead>
<tbody>!${events.toReversed().map(event => html`<tr><td>${new Date(event.at).toISOString()}</td><td>${event.kind}</td><td class="${event.outcome}">${event.outcome}</td><td>${event.text}</td></tr>`).join('')}</tbody>
</table></section>`
}

/** What came of it to a script; the lab's page again to whoever sent a form. */
export function answerTo (request: FastifyRequest, reply: FastifyReply, result: unknown): unknown {
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true ? reply.redirect('/lab', 303) : result
}
