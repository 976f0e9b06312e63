import type { SignedMember } from './member.ts'

/** How the page with the login form looks, and where it leads. */
export interface LoginFormOptions {
  /**
   * Where Online Contact sends the browser afterwards; check it with `isAllowedReturnUrl`. Without
   * it, Online Contact answers with plain text.
   */
  returnUrl?: string
  /**
   * The nonce of the Content-Security-Policy, for the inline script. The policy's `form-action`
   * must allow Online Contact.
   */
  nonce?: string
  /** The page's title. Default `Help centre`. */
  title?: string
  /** The text of the button, for browsers without scripts. Default `Continue`. */
  button?: string
  /** The page's language. Default `en`. */
  lang?: string
}

/**
 * The page with the form that the browser posts to Online Contact. Send it as `text/html` with
 * `Cache-Control: no-store`.
 */
export function loginPage (
  action: string,
  fields: SignedMember,
  { nonce, title = 'Help centre', button = 'Continue', lang = 'en' }: LoginFormOptions
): string {
  const inputs = Object.entries(fields).map(([name, value]) =>
    `<input type="hidden" name="${name}" value="${escape(value)}">`
  )
  return `<!doctype html>
<html lang="${escape(lang)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${
    escape(title)
  }</title></head>
<body>
<form id="online-contact" method="post" action="${escape(action)}" accept-charset="utf-8">
${inputs.join('\n')}
<button>${escape(button)}</button>
</form>
<script${
    nonce === undefined ? '' : ` nonce="${escape(nonce)}"`
  }>document.getElementById('online-contact').submit()</script>
</body>
</html>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

function escape (text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] as string)
}
