import { html } from 'ghtml'
import { page } from '../shared/page.ts'

export interface Visit {
  path: string
  /** Null for a guest. */
  usercode: string | null
  /** The address of this page, without its query. */
  here: string
  loginUrl: string
  statusUrl: string
  iframe: boolean
}

const titles: Record<string, string> = { 'hc/': 'Help centre', 'hc/ticket/': 'New inquiry', 'hc/ticket/list/': 'My inquiries' }

// Asks our site across origins, with the visitor's cookies, who is logged in there.
const askStatus = `
  const out = document.getElementById('status')
  fetch(out.dataset.url, { credentials: 'include' })
    .then(response => response.json())
    .then(status => { out.textContent = String(status.login) === 'true' ? status.usercode + ' is logged in at the site' : 'nobody is logged in at the site' })
    .catch(() => { out.textContent = 'the site did not say' })`

// Tells the page around the iframe how high this one is.
const postHeight = `
  const post = () => parent.postMessage(document.documentElement.scrollHeight, '*')
  new ResizeObserver(post).observe(document.body)
  post()`

/** A page of the help centre, for a member or a guest. */
export function helpCentre ({ path, usercode, here, loginUrl, statusUrl, iframe }: Visit): string {
  const login = `${loginUrl}?${new URLSearchParams({ returnUrl: here })}`
  return page('Online Contact', html`
    <h2>${titles[path] ?? path}</h2>
    !${usercode === null
      ? html`<p id="visitor" class="warning">You are a guest. <a href="${login}">Sign in</a></p>`
      : html`<p id="visitor" class="verified">You are member <b>${usercode}</b></p>`}
    <p>Login status: <output id="status" data-url="${statusUrl}">asking…</output></p>
    <script>!${askStatus}</script>
    !${iframe ? html`<script>!${postHeight}</script>` : ''}`)
}
