import { type WireValue, WireNumber } from '../wire/json.ts'

/** How a language prints a value that was not written as JSON. */
export const languagePrints: ReadonlyArray<
  { readonly language: string, print: (value: WireValue) => string }
> = [
  { language: 'Python', print: value => printPython(value, false) },
  { language: 'Go', print: printGo },
  { language: 'PHP', print: printPhp },
  { language: 'Ruby', print: value => printRuby(value, false) },
  { language: 'JavaScript', print: printJavaScript }
]

function printPython (value: WireValue, isNested: boolean): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(item => printPython(item, true)).join(', ')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, member]) =>
        `${printPython(name, true)}: ${printPython(member, true)}`)
        .join(', ')
    }}`
  }
  if (!isNested) return value
  return value.includes("'") && !value.includes('"')
    ? `"${value}"`
    : `'${value.replaceAll("'", "\\'")}'`
}

function printGo (value: WireValue): string {
  if (value === null) return '<nil>'
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(printGo).join(' ')}]`
  if (value instanceof Map) {
    return `map[${
      [...value.keys()].sort().map(name => `${name}:${printGo(value.get(name) ?? null)}`).join(' ')
    }]`
  }
  return String(value)
}

function printPhp (value: WireValue): string {
  if (value === null || value === false) return ''
  if (value === true) return '1'
  if (value instanceof WireNumber) return value.text
  return typeof value === 'string' ? value : 'Array'
}

function printRuby (value: WireValue, isNested: boolean): string {
  if (value === null) return isNested ? 'nil' : ''
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(item => printRuby(item, true)).join(', ')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, member]) => `${printRuby(name, true)}=>${printRuby(member, true)}`)
        .join(', ')
    }}`
  }
  return isNested && typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function printJavaScript (value: WireValue): string {
  if (value instanceof WireNumber) return String(Number(value.text))
  if (Array.isArray(value)) {
    return value.map(item => item === null ? '' : printJavaScript(item)).join(',')
  }
  return value instanceof Map ? '[object Object]' : String(value)
}
