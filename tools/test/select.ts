import { statSync } from 'node:fs'
import { globSync } from 'tinyglobby'

/**
 * The test files matching the arguments: files, folders or patterns.
 * @throws {Error} if an argument matches none
 */
export function select (patterns: readonly string[]): string[] {
  const files = new Set<string>()
  for (const name of patterns.length > 0 ? patterns : ['test']) {
    const matches = globSync(patternOf(name), { ignore: ['**/node_modules/**'] })
    if (matches.length === 0) throw new Error(`No test file: ${name}`)
    for (const file of matches) files.add(file)
  }
  return [...files]
}

function patternOf (name: string): string {
  const folder = statSync(name, { throwIfNoEntry: false })?.isDirectory()
  return folder === true ? `${name.replace(/\/+$/, '')}/**/*.test.ts` : name
}
