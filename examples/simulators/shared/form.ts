export interface Form {
  action: string
  fields: Record<string, string>
}

/** The page's form with its hidden fields. @throws {Error} if there is none */
export function parseForm (html: string, base: string): Form {
  const [form, action] = /<form[^>]*action="([^"]*)"[^]*?<\/form>/.exec(html) ?? []
  if (form === undefined || action === undefined) throw new Error('the page has no form')
  const fields: Record<string, string> = {}
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1]
    if (name !== undefined) {
      fields[unescapeHtml(name)] = unescapeHtml(/value="([^"]*)"/.exec(input)?.[1] ?? '')
    }
  }
  return { action: new URL(unescapeHtml(action), base).href, fields }
}

function unescapeHtml (text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi,
    (all, hex?: string, decimal?: string, name = '') =>
      hex !== undefined
        ? String.fromCodePoint(Number.parseInt(hex, 16))
        : decimal !== undefined
        ? String.fromCodePoint(Number(decimal))
        : named[name] ?? all
  )
}
