import { type WireValue, WireNumber } from '../wire/json.ts'

/** How a language prints a value that was not written as JSON. */
export const languagePrints: ReadonlyArray<
  { readonly language: string, print: (value: WireValue) => string }
> = [
  { language: 'Python', print: value => python(value, false) },
  { language: 'Go', print: go },
  { language: 'PHP', print: php },
  { language: 'Ruby', print: value => ruby(value, false) },
  { language: 'JavaScript', print: javaScript }
]

function python (value: WireValue, inside: boolean): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(one => python(one, true)).join(', ')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, one]) => `${python(name, true)}: ${python(one, true)}`).join(', ')
    }}`
  }
  if (!inside) return value
  return value.includes("'") && !value.includes('"')
    ? `"${value}"`
    : `'${value.replaceAll("'", "\\'")}'`
}

function go (value: WireValue): string {
  if (value === null) return '<nil>'
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(go).join(' ')}]`
  if (value instanceof Map) {
    return `map[${
      [...value.keys()].sort().map(name => `${name}:${go(value.get(name) ?? null)}`).join(' ')
    }]`
  }
  return String(value)
}

function php (value: WireValue): string {
  if (value === null || value === false) return ''
  if (value === true) return '1'
  if (value instanceof WireNumber) return value.text
  return typeof value === 'string' ? value : 'Array'
}

function ruby (value: WireValue, inside: boolean): string {
  if (value === null) return inside ? 'nil' : ''
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(one => ruby(one, true)).join(', ')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, one]) => `${ruby(name, true)}=>${ruby(one, true)}`).join(', ')
    }}`
  }
  return inside && typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function javaScript (value: WireValue): string {
  if (value instanceof WireNumber) return String(Number(value.text))
  if (Array.isArray(value)) {
    return value.map(one => one === null ? '' : javaScript(one)).join(',')
  }
  return value instanceof Map ? '[object Object]' : String(value)
}
