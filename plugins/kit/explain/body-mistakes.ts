import type { Reason } from './diagnosis.ts'
import { jsonWriters } from './json-writers.ts'

const fix = 'Sign the very bytes that are sent.'
const newline = {
  code: 'body-newline',
  text: 'The body that was signed has other line ends than the one that was sent.',
  fix
}
const reserialised = {
  code: 'body-reserialised',
  text: 'The body was parsed and written again before it was signed.',
  fix
}

/**
 * What clients sign in place of the body that they send. From the smallest difference to the
 * largest, because the larger ones undo the smaller too.
 */
export function bodyMistakes (text: string): Array<readonly [string, Reason]> {
  const marked = text.startsWith('\ufeff')
  return [
    [marked ? text.slice(1) : '\ufeff' + text, {
      code: 'body-bom',
      text: `The body was signed ${marked ? 'without' : 'with'} a byte-order mark.`,
      fix
    }],
    [text + '\n', newline],
    [text.replace(/\r?\n$/, ''), newline],
    [text.replaceAll('\r\n', '\n'), newline],
    [text.replaceAll(/\r?\n/g, '\r\n'), newline],
    [text.trim(), {
      code: 'body-trimmed',
      text: 'The body was trimmed before it was signed.',
      fix
    }],
    ...rewritten(text).map(other => [other, reserialised] as const)
  ]
}

function rewritten (text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    return jsonWriters.map(write => write(value))
  } catch {
    return []
  }
}
