import { html } from 'ghtml'
import { renderPage } from '../shared/page.ts'
import { withQuery } from '../shared/wire.ts'
import type { StatusAnswer } from './site-requests.ts'
import type { SiteAnswers } from './site-request-routes.ts'

export interface Visit {
  path: string
  /** Null for a guest. */
  usercode: string | null
  /** The address of this page without its query. */
  pageUrl: string
  loginUrl: string
  statusUrl: string
  iframe: boolean
}

/** Page titles by path. */
export const helpCentrePages: Readonly<Record<string, string>> = {
  'hc/': 'Help centre',
  'hc/ticket/': 'New inquiry',
  'hc/ticket/list/': 'My inquiries'
}

// Requests the login status from our site, cross-origin, with the visitor's cookies.
const statusScript = `
  const out = document.getElementById('status')
  fetch(out.dataset.url, { credentials: 'include' })
    .then(response => response.json())
    .then(status => { out.textContent = String(status.login) === 'true' ? status.usercode + ' is logged in at the site' : 'nobody is logged in at the site' })
    .catch(() => { out.textContent = 'the site did not answer' })`

// Reports this page's height to the parent of the iframe.
const heightScript = `
  const post = () => parent.postMessage(document.documentElement.scrollHeight, '*')
  new ResizeObserver(post).observe(document.body)
  post()`

/** The link for guests to log in and return. */
export function createLoginLink (loginUrl: string, returnUrl: string): string {
  return withQuery(loginUrl, { returnUrl })
}

/** A page of the help centre, for a member or a guest. */
export function renderHelpCentre (
  { path, usercode, pageUrl, loginUrl, statusUrl, iframe }: Visit
): string {
  return renderPage(
    'NHN Online Contact',
    html`
    <h2>${helpCentrePages[path] ?? path}</h2>
    !${
      usercode === null
        ? html`<p id="visitor" class="warning">You are a guest. <a href="${
          createLoginLink(loginUrl, pageUrl)
        }">Sign in</a></p>`
        : html`<p id="visitor" class="verified">You are member <b>${usercode}</b></p>`
    }
    <p>Login status: <output id="status" data-url="${statusUrl}">loading…</output></p>
    <script>!${statusScript}</script>
    !${iframe ? html`<script>!${heightScript}</script>` : ''}`
  )
}

export interface Overview {
  readonly service: string
  readonly origin: string
  readonly guests: string
  readonly loginUrl: string
  readonly statusUrl: string
  readonly verifyTokenUrl: string
  readonly siteAnswers: SiteAnswers
}

/** The simulator's page. */
export function renderOverview (
  { service, origin, guests, loginUrl, statusUrl, verifyTokenUrl, siteAnswers }: Overview
): string {
  const basePath = `/${encodeURIComponent(service)}/`
  return html`<section class="card"><h2>Help centre of ${service}</h2>
<p>!${
    Object.entries(helpCentrePages).map(([path, title]) =>
      html`<a href="${basePath + path}">${title}</a>`
    ).join(' · ')
  } · <a href="${basePath}hc/?iframe=true">for an iframe</a></p>
<p>Guest inquiries are ${guests}. Guests log in at <code>${loginUrl}</code>.</p></section>
<section class="card"><h2>Your site calls</h2><table><tbody>
<tr><th scope="row">Login from the browser</th><td><code>POST ${origin}/v2/enduser/remote.json</code></td></tr>
<tr><th scope="row">Login from the server</th><td><code>POST ${origin}/api/v2/enduser/remote.json</code></td></tr>
<tr><th scope="row">OpenAPI (the simulator checks the signature)</th><td><code>${origin}${basePath}openapi/v1/…</code></td></tr></tbody></table></section>
<section class="card"><h2>Requests to your site</h2>
<p>Login status: <code>${statusUrl}</code></p>
<form action="/lab/check-status" method="post" class="row"><label>Cookie<input name="cookie"></label><label>From origin<input name="origin" placeholder="${origin}"></label><button>Request the status</button></form>
!${siteAnswers.status === null ? '' : renderStatus(siteAnswers.status)}
<p>Token verification: <code>${verifyTokenUrl}</code></p>
<form action="/lab/check-token" method="post" class="row"><label>usercode<input name="usercode" required></label><label>token<input name="token" required></label><button>Verify the token</button></form>
!${
    siteAnswers.token === null
      ? ''
      : html`<p id="token-answer" class="${siteAnswers.token.issued ? 'accepted' : 'refused'}">${
        siteAnswers.token.issued
          ? `Yes: the site issued it for ${siteAnswers.token.usercode}.`
          : 'No: the visitor would be a guest.'
      }</p>`
  }</section>`
}

function renderStatus ({ status, readable, usercode, headers, body }: StatusAnswer): string {
  return html`<p id="status-answer" class="${readable ? 'accepted' : 'refused'}">${
    readable
      ? usercode === null ? 'Nobody is logged in.' : `${usercode} is logged in.`
      : 'A browser would hide the answer from this origin.'
  }</p>
<pre>${`HTTP ${status}\n${
    Object.entries(headers).map(([name, value]) => `${name}: ${value ?? '(none)'}`).join('\n')
  }\n\n${JSON.stringify(body)}`}</pre>`
}
