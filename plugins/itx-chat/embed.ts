import { parseUrl } from '../kit/index.ts'

/** How the widget is embedded in a page. */
export interface EmbedOptions {
  /**
   * The address of the widget's script at the portal: http(s), or a path on the page's own site.
   */
  readonly src: string
  /** The nonce of the page's Content-Security-Policy, for both scripts. */
  readonly nonce?: string
}

/**
 * The two `<script>` tags: the session as `window.itxChat`, then the widget. Nothing in the session
 * can end the script block or start another.
 *
 * The page parses the session with `JSON.parse`: in an object literal, the name `__proto__` would
 * set the prototype, and the page would not send it.
 * @throws {TypeError} when `src` is not an http(s) address or path
 */
export function embedHtml (session: object, { src, nonce }: EmbedOptions): string {
  if (typeof src !== 'string' || src === '' || !isHttp(src)) {
    throw new TypeError('src must be an http(s) address or a path')
  }
  const nonceAttribute = nonce === undefined ? '' : ` nonce="${escapeAttribute(nonce)}"`
  const literal = escapeScript(JSON.stringify(JSON.stringify(session)))
  return `<script${nonceAttribute}>window.itxChat = JSON.parse(${literal})</script>
<script id="itx-plugin" charset="utf-8" async src="${
    escapeAttribute(src)
  }"${nonceAttribute}></script>`
}

function isHttp (src: string): boolean {
  return /^https?:$/.test(parseUrl(src, 'https://page.invalid')?.protocol ?? '')
}

/** In a JavaScript string an escape equals its character, and means nothing to an HTML parser. */
function escapeScript (literal: string): string {
  return literal.replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

function escapeAttribute (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')
    .replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
