import { html } from 'ghtml'
import type { MemberRow } from '../store/index.ts'
import { getOwnEntries } from '../store/members.ts'
import { renderLayout } from './page.ts'
import type { Site } from './site.ts'

const helpCentreWays = [
  ['form', 'Open the help centre', 'Your browser posts a signed form.'],
  [
    'server',
    'Through our server',
    'Our server logs you in and redirects you with an access token.'
  ],
  ['link', 'By link', 'The URL that our app opens.']
] as const

const conjunction = new Intl.ListFormat('en', { type: 'conjunction' })

/** The page for guests. `start` is the help centre's address, if there is one. */
export function renderGuestPage (site: Site, helpCentreUrl: string | null): string {
  return renderLayout({
    site,
    title: 'Account',
    name: null,
    content: html`<section class="card narrow"><h1>Welcome</h1>
<p>Sign in to !${
      conjunction.format([
        'see your account',
        ...site.hasChat ? ['chat'] : [],
        ...site.hasHelpCentre ? ['enter the help centre as a member'] : []
      ])
    }.</p>
<p class="actions"><a class="button main" href="${site.base}/member/login">Sign in</a> !${
      helpCentreUrl === null
        ? ''
        : html`<a class="button" href="${helpCentreUrl}">Help centre as a guest</a>`
    }</p></section>`
  })
}

/** The member's input and its errors, by field. */
export interface AccountAttempt {
  readonly values: Readonly<Record<'name' | 'email' | 'phone', string>>
  readonly problems: Readonly<Partial<Record<'name' | 'email' | 'phone', string>>>
}

export interface AccountPage {
  readonly site: Site
  readonly member: MemberRow
  /** Rejected input, which the form shows again. */
  readonly attempt?: AccountAttempt
  /** Whether the account was just changed. */
  readonly changed: boolean
  /** The CSRF token. */
  readonly token: string
}

export function renderAccountPage ({ site, member, attempt, changed, token }: AccountPage): string {
  const ownEntries = getOwnEntries(member)
  const { values = ownEntries, problems = {} } = attempt ?? {}
  const renderField = (
    name: 'name' | 'email' | 'phone',
    label: string,
    attributes: string
  ): string => {
    const problem = problems[name]
    const errorAttributes = problem === undefined
      ? ''
      : html` aria-invalid="true" aria-describedby="${name}-error"`
    return html`<label>${label} <input name="${name}" !${attributes} required value="${
      values[name]
    }"!${errorAttributes}></label>
!${
      problem === undefined
        ? ''
        : html`<p id="${name}-error" class="problem" role="alert">${problem}</p>`
    }`
  }
  return renderLayout({
    site,
    title: 'Account',
    name: ownEntries.name,
    scripts: changed ? ['account-changed.js'] : [],
    content: html`<h1>Your account</h1>
!${changed ? '<p class="notice" role="status">Saved.</p>' : ''}
<div class="columns">
<section class="card" aria-labelledby="profile"><h2 id="profile">Profile</h2>
<form method="post" action="${site.base}/member/account">
<input type="hidden" name="_csrf" value="${token}">
!${renderField('name', 'Name', 'autocomplete="name" maxlength="50"')}
!${renderField('email', 'E-mail', 'type="email" autocomplete="email" maxlength="100"')}
!${renderField('phone', 'Telephone', 'type="tel" autocomplete="tel" maxlength="40"')}
<button class="main">Save</button>
</form>
!${attempt === undefined ? renderConfirmed(member) : ''}
<p class="soft">Login ${member.login}!${
      member.member_no === null ? '' : html` · Member ${member.member_no}`
    }</p></section>
!${renderHelpSection(site)}
</div>
<form method="post" action="${site.base}/member/sign-out"><input type="hidden" name="_csrf" value="${token}"><button>Sign out</button></form>`
  })
}

export interface HelpCentreFrame {
  readonly site: Site
  readonly name: string | null
  readonly src: string
  /** The only origin whose height messages are accepted. */
  readonly origin: string
}

export function renderHelpCentrePage ({ site, name, src, origin }: HelpCentreFrame): string {
  return renderLayout({
    site,
    title: 'Help centre',
    name,
    // No module: the frame posts its height as soon as it exists, so the listener must come first.
    content: html`<h1>Help centre</h1>
<script src="${site.base}/assets/help-frame.js"></script>
<iframe id="ocPage" title="Help centre" src="${src}" data-origin="${origin}"></iframe>`
  })
}

export interface ChatPage {
  readonly site: Site
  readonly member: MemberRow
  readonly token: string
  /** The widget's script tags. */
  readonly widget: string
}

export function renderChatPage ({ site, member, token, widget }: ChatPage): string {
  const ownEntries = getOwnEntries(member)
  return renderLayout({
    site,
    title: 'Chat',
    name: ownEntries.name,
    scripts: ['chat.js'],
    content: html`<h1>Chat with us</h1>
<section class="card narrow"><h2>You chat as</h2>
<form id="profile" method="post" action="${site.base}/member/account">
<input type="hidden" name="_csrf" value="${token}">
<input type="hidden" name="email" value="${ownEntries.email}">
<input type="hidden" name="phone" value="${ownEntries.phone}">
<label>Name <input name="name" autocomplete="name" required maxlength="50" value="${ownEntries.name}"></label>
<button class="main">Change the name</button>
</form>
<p id="state" role="status" class="soft">Our agent sees you as verified.</p></section>`,
    end: widget
  })
}

/** The confirmed data, shown if the member has entered something else. */
function renderConfirmed (
  { name, email, phone, own_name: ownName, own_email: ownEmail, own_phone: ownPhone }: MemberRow
): string {
  const confirmed = [
    ...ownName === null ? [] : [name],
    ...ownEmail === null ? [] : [email],
    ...ownPhone === null ? [] : [phone]
  ]
  return confirmed.length === 0
    ? ''
    : html`<p class="soft">Until we confirm the change, we vouch for: ${confirmed.join(', ')}</p>`
}

function renderHelpSection (site: Site): string {
  if (!site.hasHelpCentre) return ''
  const chat = site.hasChat ? html`, <a href="${site.base}/member/chat">chat</a>` : ''
  return html`<section class="card" aria-labelledby="help"><h2 id="help">Help</h2>
<ul class="plain">!${
    helpCentreWays.map(([way, text, note]) =>
      html`<li><a class="button" href="${site.base}/member/help?way=${way}">${text}</a> <span class="soft">${note}</span></li>`
    ).join('')
  }</ul>
<p>Or stay here: <a href="${site.base}/member/help-centre">help centre on this page</a>!${chat}.</p></section>`
}
