import { parseWireJson, type WireValue } from '../wire/json.ts'
import type { Mistake } from './diagnosis.ts'
import { jsonTexts } from './json-writers.ts'
import { languagePrints } from './literals.ts'

const fix = 'Sign the exact bytes that you send.'
const newline = {
  code: 'body-newline',
  text: 'The signed and the sent body have different line breaks.',
  fix
}

/**
 * Texts that clients sign in place of the body that they send, the smallest differences first,
 * because larger ones include the smaller.
 */
export function bodyMistakes (text: string): ReadonlyArray<readonly [text: string, Mistake]> {
  if (text !== cache.text) cache = { text, mistakes: mistakesIn(text) }
  return cache.mistakes
}

/** A cache, because a search needs the same body for each key. */
let cache: { text?: string, mistakes: ReadonlyArray<readonly [string, Mistake]> } = { mistakes: [] }

function mistakesIn (text: string): Array<readonly [string, Mistake]> {
  const hasBom = text.startsWith('\ufeff')
  return [
    [hasBom ? text.slice(1) : '\ufeff' + text, {
      code: 'body-bom',
      text: `The client signed the body ${hasBom ? 'without' : 'with'} a byte-order mark.`,
      fix
    }],
    [text + '\n', newline],
    [text.replace(/\r?\n$/, ''), newline],
    [text.replaceAll('\r\n', '\n'), newline],
    [text.replaceAll(/\r?\n/g, '\r\n'), newline],
    [text.trim(), {
      code: 'body-trimmed',
      text: 'The client trimmed the body before signing it.',
      fix
    }],
    ...rewrittenBodies(text)
  ]
}

function rewrittenBodies (text: string): Array<readonly [string, Mistake]> {
  const value = tryParse(text)
  if (value === undefined) return []
  const printed = languagePrints.slice(0, 1).map(({ language, print }) =>
    [print(value), {
      code: 'body-printed',
      text: `The client signed the parsed body as ${language} prints it, instead of its bytes.`,
      fix
    }] as const
  )
  return [
    ...printed,
    ...Array.from(jsonTexts(value)).filter(([rewritten]) => rewritten !== text).flatMap(
      ([rewritten, differences]) => {
        const mistake = reserialisedReason(differences)
        // Go's encoder ends each value with a line break.
        return [[rewritten, mistake], [rewritten + '\n', { ...mistake, alone: true }]] as const
      }
    )
  ]
}

function reserialisedReason (differences: readonly string[]): Mistake {
  return {
    code: 'body-reserialised',
    text: `The signed JSON is formatted differently from the JSON that arrived${
      differences.length === 0 ? '' : `: ${differences.join('; ')}`
    }. The client or a proxy on the way parsed the body and wrote it again.`,
    fix: 'Sign the exact bytes that you send, and make sure that no proxy rewrites them.',
    ...differences.length > 1 && { alone: true }
  }
}

function tryParse (text: string): WireValue | undefined {
  try {
    return parseWireJson(text.replace(/^\ufeff/, ''), 'body')
  } catch {
    return undefined
  }
}
