import { toWire, type WireObject, type WireValue, WireNumber } from '../wire/json.ts'

/**
 * The JSON value as `JSON.parse` returns it: numbers are doubles, and names that are integers come
 * first.
 */
export function asParsed (value: WireValue): unknown {
  if (value instanceof WireNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(asParsed)
  return value instanceof Map ? parsedObject(value) : value
}

/** The same for an object. */
export function parsedObject (fields: WireObject): object {
  return Object.fromEntries(Array.from(fields, ([name, value]) => [name, asParsed(value)]))
}

interface Layout {
  readonly comma: string
  readonly colon: string
  /** One step of indentation; absent for one line. */
  readonly step?: string
}

type Choice<T> = readonly [note: string, choice: T]

const layouts: ReadonlyArray<Choice<Layout>> = [
  ['', { comma: ',', colon: ':' }],
  ['a space after each comma and colon, as Python writes', { comma: ', ', colon: ': ' }],
  ['indented by two spaces', { comma: ',', colon: ': ', step: '  ' }],
  ['indented by four spaces', { comma: ',', colon: ': ', step: '    ' }],
  ['indented by tabs', { comma: ',', colon: ': ', step: '\t' }],
  ['indented as Jackson writes', { comma: ',', colon: ' : ', step: '  ' }]
]

const orders: ReadonlyArray<Choice<boolean>> = [['', false], ['names sorted', true]]

const escapeLower = (character: string): string =>
  '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0')
const escapeUpper = (character: string): string =>
  '\\u' + character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
const escapeSlashes = (text: string): string => text.replaceAll('/', '\\/')

const escapes: ReadonlyArray<Choice<(quoted: string) => string>> = [
  ['', text => text],
  ['<, > and & escaped, as Go writes', text => text.replaceAll(/[<>&\u2028\u2029]/g, escapeLower)],
  [
    'non-ASCII characters escaped, as Python writes',
    text => text.replaceAll(/[\u0080-\uffff]/g, escapeLower)
  ],
  [
    '/ and non-ASCII characters escaped, as PHP writes',
    text => escapeSlashes(text).replaceAll(/[\u0080-\uffff]/g, escapeLower)
  ],
  [
    '/ escaped, as PHP writes with JSON_UNESCAPED_UNICODE',
    text => escapeSlashes(text).replaceAll(/[\u2028\u2029]/g, escapeLower)
  ],
  ['/ escaped', escapeSlashes],
  ['U+2028 and U+2029 escaped', text => text.replaceAll(/[\u2028\u2029]/g, escapeLower)],
  [
    'non-ASCII characters escaped in upper-case hex',
    text => text.replaceAll(/[\u0080-\uffff]/g, escapeUpper)
  ],
  [
    "<, >, &, = and ' escaped, as Gson writes",
    text => text.replaceAll(/[<>&='\u2028\u2029]/g, escapeLower)
  ],
  ['escaped as .NET writes', text => text.replaceAll(/[<>&'+`\u007f-\uffff]/g, escapeUpper)]
]

/** How a program may change numbers. */
const numberStyles: ReadonlyArray<Choice<(value: WireValue) => WireValue>> = [
  ['', value => value],
  ['numbers as doubles, so 1.0 becomes 1', value => toWire(asParsed(value))],
  ['integers with a decimal point, so 1 becomes 1.0', withDecimalPoints]
]

/** The styles with the fewest differences first; among these, the most frequent first. */
const styles = layouts.flatMap(([layoutNote, layout]) =>
  orders.flatMap(([orderNote, sorted]) =>
    escapes.flatMap(([escapeNote, escape]) =>
      numberStyles.map(([numberNote, valueOf]) => ({
        differences: [layoutNote, orderNote, escapeNote, numberNote].filter(note => note !== ''),
        style: { layout, sorted, escape },
        valueOf
      }))
    )
  )
).sort((a, b) => a.differences.length - b.differences.length)

/**
 * The ways in which programs write a JSON value, with the `differences` from compact JSON, such as
 * `names sorted`. Compact JSON, which has none, comes first.
 */
export const jsonWriters = styles.map(({ differences, style, valueOf }) => ({
  differences,
  write: (value: WireValue): string => writeJson(valueOf(value), style, '')
}))

/**
 * Each distinct text that programs write for a JSON value, with its differences from compact JSON,
 * such as `names sorted`.
 */
export function jsonTexts (value: WireValue): Map<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>()
  const converted = new Map(numberStyles.map(([, valueOf]) => [valueOf, valueOf(value)]))
  for (const { differences, style, valueOf } of styles) {
    const text = writeJson(converted.get(valueOf) ?? null, style, '')
    if (!texts.has(text)) texts.set(text, differences)
  }
  return texts
}

interface Style {
  readonly layout: Layout
  readonly sorted: boolean
  escape(quoted: string): string
}

function writeJson (value: WireValue, style: Style, indent: string): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) {
    return writeMembers(
      '[',
      value.map(inner => writeJson(inner, style, deeperIndent(indent, style))),
      ']',
      style,
      indent
    )
  }
  if (value instanceof Map) {
    const names = [...value.keys()]
    if (style.sorted) names.sort()
    const members = names.map(name =>
      style.escape(JSON.stringify(name)) + style.layout.colon +
      writeJson(value.get(name) ?? null, style, deeperIndent(indent, style))
    )
    return writeMembers('{', members, '}', style, indent)
  }
  return style.escape(JSON.stringify(value))
}

function writeMembers (
  open: string,
  members: readonly string[],
  close: string,
  { layout: { comma, step } }: Style,
  indent: string
): string {
  if (step === undefined || members.length === 0) return open + members.join(comma) + close
  const inner = indent.length < deepestIndent ? indent + step : indent
  return `${open}\n${inner}${members.join(`${comma}\n${inner}`)}\n${indent}${close}`
}

function deeperIndent (indent: string, { layout: { step = '' } }: Style): string {
  return indent.length < deepestIndent ? indent + step : indent
}

/**
 * The total indentation grows with the square of the depth: a small body of brackets would become
 * many megabytes.
 */
const deepestIndent = 128

function withDecimalPoints (value: WireValue): WireValue {
  if (value instanceof WireNumber) {
    return /^-?[0-9]+$/.test(value.text) ? new WireNumber(`${value.text}.0`) : value
  }
  if (Array.isArray(value)) return value.map(withDecimalPoints)
  return value instanceof Map
    ? new Map(Array.from(value, ([name, inner]) => [name, withDecimalPoints(inner)]))
    : value
}
