// The signing of member fields, with classic mistakes.
import { createHmac } from 'node:crypto'
import { key } from './broken.ts'

/** Mistakes, each with a case that must find it. */
export const signingMistakes: Record<string, string> = {
  'fields in the order of the wire': 'reordered-fields',
  'no member numbers': 'member-number',
  'empty fields signed': 'null',
  'null as a word': 'null',
  'an ideographic space stays': 'blank',
  'blank as JavaScript has it': 'no-break-space',
  'values trimmed': 'spaces',
  'values URL-encoded': 'non-ascii',
  'the usercode as a double': 'long-number',
  'first piece of the fields': 'slow-body'
}

const order = ['username', 'email', 'phone', 'memberno']

/** Returns the fields with service, time and token. */
export function signFields (
  fields: Record<string, string | null>,
  mistake: string
): Record<string, string | null> {
  const service = 'demo'
  const time = String(Date.now())
  const usercode = mistake === 'the usercode as a double'
    ? String(Number(fields['usercode']) || fields['usercode'])
    : fields['usercode'] ?? ''
  const names = mistake === 'fields in the order of the wire'
    ? Object.keys(fields).filter(name => name !== 'usercode')
    : order
  const values = names
    .filter(name => name in fields && !(name === 'memberno' && mistake === 'no member numbers'))
    .map(name => fields[name] ?? (mistake === 'null as a word' ? 'null' : ''))
    .filter(value => mistake === 'empty fields signed' || !isBlank(value, mistake))
    .map(value =>
      mistake === 'values trimmed'
        ? value.trim()
        : mistake === 'values URL-encoded'
        ? encodeURIComponent(value)
        : value
    )
  const token = createHmac('sha256', key).update([service, usercode, ...values, time].join('&'))
    .digest('base64')
  return { ...fields, usercode, service, time, token }
}

function isBlank (value: string, mistake: string): boolean {
  if (mistake === 'blank as JavaScript has it') return value.trim() === ''
  return mistake === 'an ideographic space stays'
    ? value === ''
    : Array.from(value).every(character => ' \u3000'.includes(character))
}
