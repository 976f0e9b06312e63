import { asParsed } from '../../../plugins/kit/explain/index.ts'
import { decodeUtf8, parseWireJson, WireNumber } from '../../../plugins/kit/index.ts'
import { maximumDepth, type WireValue } from '../../../plugins/kit/wire/json.ts'
import type { Target } from '../target.ts'
import { mustHold, mustEqual, mustNotPollute, catchRefusal } from './must.ts'

/**
 * The lossless parser accepts and refuses the same texts as `JSON.parse`, and preserves the text of
 * numbers.
 */
export const json: Target = {
  name: 'json',
  about: ['plugins/kit/wire/json.ts'],
  tokens: [
    '{"a":1,"a":[2]}',
    '["\\u00e9\\ud83d\\ude00\\"\\\\"]',
    '-0.0e+10',
    '12345678901234567890',
    'true',
    'false',
    'null',
    '{"__proto__":{"x":1}}',
    '"constructor"',
    '{',
    '}',
    '[',
    ']',
    '":',
    ',',
    '\\"',
    '\\\\',
    '\\u0000',
    '\\ud800',
    ' \t\r\n',
    '\ufeff',
    '\u2028',
    '[[[[[[[[[[[[[[[[',
    ']]]]]]]]]]]]]]]]',
    '{"":',
    '\\/',
    '1E-5',
    '\u0001',
    '"\\x'
  ],
  check (bytes) {
    const text = catchRefusal(() => decodeUtf8(bytes, 'it'))
    if (text === undefined) return
    mustHold(Buffer.from(text).equals(bytes), 'decoding changed the bytes')
    const kitValue = catchRefusal(() => parseWireJson(text, 'it'))
    const engineResult = parseWithEngine(text)
    if (engineResult === undefined || kitValue === undefined) {
      mustHold(kitValue === undefined, 'we read what JSON.parse refuses')
      mustHold(engineResult === undefined || isDeep(text), 'we refuse what JSON.parse reads')
      return
    }
    mustEqual(asParsed(kitValue), engineResult.value, 'we read something else than JSON.parse')
    mustEqual(
      parseWireJson(serialize(kitValue), 'it'),
      kitValue,
      'what was read and written reads differently'
    )
    mustNotPollute()
  }
}

function parseWithEngine (text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

/** Whether the text has enough brackets to exceed the nesting limit. */
function isDeep (text: string): boolean {
  return text.replace(/[^[{]/g, '').length > maximumDepth
}

function serialize (value: WireValue): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(serialize).join(',')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, innerValue]) => `${JSON.stringify(name)}:${serialize(innerValue)}`)
        .join(',')
    }}`
  }
  return JSON.stringify(value)
}
