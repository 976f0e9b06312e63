import type { FastifyInstance } from 'fastify'
import { html } from 'ghtml'
import { answerTo } from './page.ts'

export interface SettingField {
  readonly label: string
  readonly choices?: readonly string[]
  /** Never shown; left blank on the form, it stays as it is. */
  readonly secret?: true
}

export interface PageSettings<Name extends string> {
  readonly fields: Readonly<Record<Name, SettingField>>
  /** Changed in place. */
  readonly values: Record<Name, string>
  /** Puts the new values into force; what it throws is why they cannot be, and they are taken back. */
  readonly apply?: () => void | Promise<void>
}

/** `GET` and `POST /lab/settings`; gives the form for the page. */
export function settingsRoutes<Name extends string> (app: FastifyInstance, { fields, values, apply = () => {} }: PageSettings<Name>): () => string {
  const names = Object.keys(fields) as Name[]
  const shown = (): Record<string, string> => Object.fromEntries(names.map(name => [name, fields[name].secret ? '***' : values[name]]))

  app.get('/lab/settings', async () => shown())
  app.post<{ Body: Record<string, string | undefined> }>('/lab/settings', {
    schema: {
      body: {
        type: 'object',
        properties: Object.fromEntries(names.map(name => [name, { type: 'string', maxLength: 1000, ...fields[name].choices && { enum: fields[name].choices } }])),
        additionalProperties: false
      }
    }
  }, async (request, reply) => {
    const before = { ...values }
    for (const name of names) {
      const value = request.body[name]
      if (value !== undefined && !(value === '' && fields[name].secret)) values[name] = value
    }
    try {
      await apply()
    } catch (error) {
      Object.assign(values, before)
      throw Object.assign(error as Error, { statusCode: 400 })
    }
    return answerTo(request, reply, shown())
  })

  return () => html`<details><summary>Settings</summary><form action="/lab/settings" method="post">
!${names.map(name => html`<p><label>${fields[name].label} !${control(name, fields[name], values[name])}</label></p>`).join('')}<button>Change</button></form></details>`
}

function control (name: string, { choices, secret }: SettingField, value: string): string {
  if (secret) return html`<input name="${name}" type="password" autocomplete="off" placeholder="unchanged">`
  if (choices === undefined) return html`<input name="${name}" value="${value}" size="50">`
  return html`<select name="${name}">!${choices.map(one => html`<option!${one === value ? ' selected' : ''}>${one}</option>`).join('')}</select>`
}
