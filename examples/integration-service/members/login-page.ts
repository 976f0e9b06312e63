import { html } from 'ghtml'
import { renderLayout } from '../site/page.ts'
import type { Site } from '../site/site.ts'
import type { Destination } from './login.ts'

export interface LoginPage {
  readonly site: Site
  readonly destination: Destination
  /** The previous, failed attempt. */
  readonly attempt: { login: string, problem: string } | null
  /** The CSRF token. */
  readonly token: string
}

export function renderLoginPage ({ site, destination, attempt, token }: LoginPage): string {
  const hiddenFields = Object.entries({ ...destination, _csrf: token }).filter(([, value]) =>
    value !== ''
  )
  return renderLayout({
    site,
    title: 'Sign in',
    name: null,
    content: html`<section class="card narrow">
<h1>Sign in</h1>
!${
      attempt === null
        ? ''
        : html`<p class="problem" role="alert" id="problem">${attempt.problem}</p>`
    }
<form method="post" action="${site.base}/member/login">
!${
      hiddenFields.map(([name, value]) =>
        html`<input type="hidden" name="${name}" value="${value}">`
      )
        .join('')
    }
<label>Login <input name="login" autocomplete="username" required maxlength="100" value="${
      attempt?.login ?? ''
    }"!${attempt === null ? ' autofocus' : ''}></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="200"!${
      attempt === null ? '' : ' aria-describedby="problem" autofocus'
    }></label>
<button class="main">Sign in</button>
</form>
</section>`
  })
}
