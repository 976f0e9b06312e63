import { html } from 'ghtml'
import type { MemberRow } from '../store/index.ts'
import { layout } from './page.ts'

const ways = [
  ['form', 'Open the help centre', 'Your browser posts a signed form.'],
  [
    'server',
    'By way of our server',
    'Our server logs you in and sends you on with an access token.'
  ],
  ['link', 'By link', 'The address that our app would open.']
] as const

/** What a guest sees. `start` is the help centre's address. */
export function guestPage (start: string): string {
  return layout({
    title: 'Account',
    name: null,
    content: html`<section class="card narrow"><h1>Welcome</h1>
<p>Sign in to see your account, to chat, and to be known in the help centre.</p>
<p class="actions"><a class="button main" href="/member/login">Sign in</a> <a class="button" href="${start}">Help centre as a guest</a></p></section>`
  })
}

/** What a member typed and what is wrong with it, by field. */
export interface AccountAttempt {
  readonly values: Readonly<Record<'name' | 'email' | 'phone', string>>
  readonly problems: Readonly<Partial<Record<'name' | 'email' | 'phone', string>>>
}

export interface AccountPage {
  readonly member: MemberRow
  /** What could not be saved; the form shows it again. */
  readonly attempt?: AccountAttempt
  /** Whether it was changed just now. */
  readonly changed: boolean
  /** Against forged forms. */
  readonly token: string
}

export function accountPage ({ member, attempt, changed, token }: AccountPage): string {
  const { values = member, problems = {} } = attempt ?? {}
  const field = (name: 'name' | 'email' | 'phone', label: string, attributes: string): string => {
    const problem = problems[name]
    const described = problem === undefined
      ? ''
      : html` aria-invalid="true" aria-describedby="${name}-error"`
    return html`<label>${label} <input name="${name}" !${attributes} required value="${
      values[name]
    }"!${described}></label>
!${
      problem === undefined
        ? ''
        : html`<p id="${name}-error" class="problem" role="alert">${problem}</p>`
    }`
  }
  return layout({
    title: 'Account',
    name: member.name,
    scripts: changed ? ['/assets/account-changed.js'] : [],
    content: html`<h1>Your account</h1>
!${changed ? '<p class="notice" role="status">Saved.</p>' : ''}
<div class="columns">
<section class="card" aria-labelledby="profile"><h2 id="profile">Profile</h2>
<form method="post" action="/member/account">
<input type="hidden" name="_csrf" value="${token}">
!${field('name', 'Name', 'autocomplete="name" maxlength="50"')}
!${field('email', 'E-mail', 'type="email" autocomplete="email" maxlength="100"')}
!${field('phone', 'Telephone', 'type="tel" autocomplete="tel" maxlength="40"')}
<button class="main">Save</button>
</form>
<p class="soft">Login ${member.login}!${
      member.member_no === null ? '' : html` · Member ${member.member_no}`
    }</p></section>
<section class="card" aria-labelledby="help"><h2 id="help">Help</h2>
<ul class="plain">!${
      ways.map(([way, text, note]) =>
        html`<li><a class="button" href="/member/help?way=${way}">${text}</a> <span class="soft">${note}</span></li>`
      ).join('')
    }</ul>
<p>Or stay here: <a href="/member/help-centre">help centre on this page</a>, <a href="/member/chat">chat</a>.</p></section>
</div>
<form method="post" action="/member/sign-out"><input type="hidden" name="_csrf" value="${token}"><button>Sign out</button></form>`
  })
}

export interface HelpCentreFrame {
  readonly name: string | null
  readonly src: string
  /** The origin whose messages about the height are believed. */
  readonly origin: string
}

export function helpCentrePage ({ name, src, origin }: HelpCentreFrame): string {
  return layout({
    title: 'Help centre',
    name,
    scripts: ['/assets/help-frame.js'],
    content: html`<h1>Help centre</h1>
<iframe id="ocPage" title="Help centre" src="${src}" data-origin="${origin}"></iframe>`
  })
}

export interface ChatPage {
  readonly member: MemberRow
  readonly token: string
  /** The widget's script tags. */
  readonly widget: string
}

export function chatPage ({ member, token, widget }: ChatPage): string {
  return layout({
    title: 'Chat',
    name: member.name,
    scripts: ['/assets/chat.js'],
    content: html`<h1>Chat with us</h1>
<section class="card narrow"><h2>You chat as</h2>
<form id="profile" method="post" action="/member/account">
<input type="hidden" name="_csrf" value="${token}">
<input type="hidden" name="email" value="${member.email}">
<input type="hidden" name="phone" value="${member.phone}">
<label>Name <input name="name" autocomplete="name" required maxlength="50" value="${member.name}"></label>
<button class="main">Change the name</button>
</form>
<p id="state" role="status" class="soft">Our agent sees that this site has verified who you are.</p></section>`,
    end: widget
  })
}
