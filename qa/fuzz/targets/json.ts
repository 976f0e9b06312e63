import { asParsed } from '../../../plugins/kit/explain/index.ts'
import { decodeUtf8, parseWireJson, WireNumber } from '../../../plugins/kit/index.ts'
import { maximumDepth, type WireValue } from '../../../plugins/kit/wire/json.ts'
import type { Target } from '../target.ts'
import { must, mustEqual, mustNotPollute, unlessRefused } from './must.ts'

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
    const text = unlessRefused(() => decodeUtf8(bytes, 'it'))
    if (text === undefined) return
    must(Buffer.from(text).equals(bytes), 'decoding changed the bytes')
    const ours = unlessRefused(() => parseWireJson(text, 'it'))
    const theirs = parsed(text)
    if (theirs === undefined || ours === undefined) {
      must(ours === undefined, 'we read what JSON.parse refuses')
      must(theirs === undefined || isDeep(text), 'we refuse what JSON.parse reads')
      return
    }
    mustEqual(asParsed(ours), theirs.value, 'we read something else than JSON.parse')
    mustEqual(
      parseWireJson(written(ours), 'it'),
      ours,
      'what was read and written reads differently'
    )
    mustNotPollute()
  }
}

function parsed (text: string): { value: unknown } | undefined {
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

function written (value: WireValue): string {
  if (value instanceof WireNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (value instanceof Map) {
    return `{${
      Array.from(value, ([name, inner]) => `${JSON.stringify(name)}:${written(inner)}`).join(',')
    }}`
  }
  return JSON.stringify(value)
}
