import type { FastifyInstance } from 'fastify'
import { html } from 'ghtml'
import { replyOrRedirect, isFormPost, renderPage } from './page.ts'
import { checkSetting, type Setting, type Settings, type ValuesOf } from './settings.ts'

export interface PageSettings<Fields extends Settings> {
  readonly vendor: string
  readonly fields: Fields
  /** Changed in place. */
  readonly values: ValuesOf<Fields>
  /** Applies the new values. If it throws, they are reverted, and its error is the reason. */
  readonly apply?: () => void | Promise<void>
}

/** `GET` and `POST /lab/settings`. Returns the form for the page. */
export function settingsRoutes<Fields extends Settings> (
  app: FastifyInstance,
  { vendor, fields, values, apply = () => {} }: PageSettings<Fields>
): () => string {
  const entries = Object.entries<Setting>(fields) as Array<[keyof Fields & string, Setting]>
  const maskSecrets = (): Record<string, string> =>
    Object.fromEntries(entries.map(([name, { secret }]) => [name, secret ? '***' : values[name]]))

  app.get('/lab/settings', async () => maskSecrets())
  app.post<{ Body: Record<string, string | undefined> }>('/lab/settings', {
    schema: {
      body: {
        type: 'object',
        properties: Object.fromEntries(
          entries.map(([name]) => [name, { type: 'string', maxLength: 4000 }])
        ),
        additionalProperties: false
      }
    }
  }, async (request, reply) => {
    const before = { ...values }
    try {
      for (const [name, field] of entries) set(name, field, request.body[name])
      await apply()
    } catch (error) {
      Object.assign(values, before)
      const { message } = error as Error
      if (!isFormPost(request)) throw Object.assign(error as Error, { statusCode: 400 })
      return reply.code(400).type('text/html; charset=utf-8').send(
        renderPage(
          vendor,
          html`<p class="refused" role="alert">The settings did not change: ${message}</p><p><a href="/lab">Back</a></p>`
        )
      )
    }
    return replyOrRedirect(request, reply, maskSecrets())
  })

  return () =>
    html`<details class="card"><summary>Settings</summary><form action="/lab/settings" method="post" class="settings">
!${
      entries.map(([name, field]) => renderRow(name, field, values[name])).join('')
    }<p><button>Change</button> Settings last until the simulator stops.</p></form></details>`

  function set (name: keyof Fields & string, field: Setting, value: string | undefined): void {
    if (value === undefined || (value === '' && field.secret)) return
    // Forms send CRLF line endings.
    const text = value.replaceAll('\r\n', '\n')
    const mistake = checkSetting(field, text)
    if (mistake !== undefined) throw new TypeError(mistake)
    values[name] = text
  }
}

function renderRow (name: string, field: Setting, value: string): string {
  const { label, hint, variable } = field
  return html`<p><label for="set-${name}">${label}</label>!${
    renderControl(name, field, value)
  }<small id="hint-${name}">!${
    hint === undefined ? '' : html`${hint}. `
  }<code>${variable}</code></small></p>`
}

function renderControl (name: string, { choices, secret, kind }: Setting, value: string): string {
  const attributes = html`id="set-${name}" name="${name}" aria-describedby="hint-${name}"`
  if (secret) {
    return html`<input !${attributes} type="password" autocomplete="off" placeholder="unchanged">`
  }
  if (kind === 'lines') {
    return html`<textarea !${attributes} rows="${value.split('\n').length + 1}">${value}</textarea>`
  }
  if (choices === undefined) return html`<input !${attributes} value="${value}">`
  return html`<select !${attributes}>!${
    choices.map(choice => html`<option!${choice === value ? ' selected' : ''}>${choice}</option>`)
      .join('')
  }</select>`
}
