import { randomBytes } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { html } from 'ghtml'
import type { Site } from './site.ts'

/** Additional sources that a page may load, by directive. */
export type Directives = Partial<Record<string, readonly string[]>>

/** A Content-Security-Policy that allows the listed sources, and scripts with the nonce. */
export function createPolicy (directives: Directives = {}): { nonce: string, header: string } {
  const nonce = randomBytes(16).toString('base64')
  const merged: Directives = {
    'default-src': ["'none'"],
    'script-src': ["'self'", `'nonce-${nonce}'`],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'connect-src': ["'self'"],
    'form-action': ["'self'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
    ...directives
  }
  const header = Object.entries(merged).map(([name, sources = []]) =>
    [name, ...new Set(sources)].join(' ')
  ).join('; ')
  return { nonce, header }
}

/** Sends a complete page. Pages are made for one visitor, so they are not cached. */
export function sendPage (
  reply: FastifyReply,
  body: string,
  contentPolicy: string = createPolicy().header
): FastifyReply {
  return reply.type('text/html; charset=utf-8').headers({
    'content-security-policy': contentPolicy,
    'cache-control': 'no-store'
  }).send(body)
}

export interface Layout {
  readonly site: Site
  readonly title: string
  /** The signed-in member's name; null for a guest. */
  readonly name: string | null
  /** HTML. */
  readonly content: string
  /** Names of module scripts. */
  readonly scripts?: readonly string[]
  /** HTML before the end of the body. */
  readonly end?: string
}

function listLinks ({ base, hasHelpCentre, hasChat }: Site): Array<[href: string, text: string]> {
  return [
    [`${base}/member`, 'Account'],
    ...hasHelpCentre ? [[`${base}/member/help-centre`, 'Help centre'] as [string, string]] : [],
    ...hasChat ? [[`${base}/member/chat`, 'Chat'] as [string, string]] : []
  ]
}

/** A page of the member site. */
export function renderLayout (
  { site, title, name, content, scripts = [], end = '' }: Layout
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} – Member site</title>
<link rel="icon" href="${site.base}/assets/icon.svg">
<link rel="stylesheet" href="${site.base}/assets/theme.css">
<link rel="stylesheet" href="${site.base}/assets/site.css">
!${
    scripts.map(src => html`<script type="module" src="${site.base}/assets/${src}"></script>`).join(
      ''
    )
  }
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="${site.base}/member">Member site</a>
<nav aria-label="Site">!${
    listLinks(site).map(([href, text]) =>
      html`<a href="${href}"!${text === title ? ' aria-current="page"' : ''}>${text}</a>`
    ).join('')
  }</nav>
<p class="who">!${
    name === null
      ? html`<a href="${site.base}/member/login">Sign in</a>`
      : html`Signed in as <b>${name}</b>`
  }</p>
</header>
<main id="main" tabindex="-1">
!${content}
</main>
!${end}
</body>
</html>
`
}
