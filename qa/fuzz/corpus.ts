import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'corpus')
const fileOf = (target: string): string => join(folder, `${target}.txt`)

/**
 * The saved inputs of a target, which together reach every place found so far. One per line, each
 * byte as a character of a JSON string.
 */
export function readCorpus (target: string): Buffer[] {
  if (!existsSync(fileOf(target))) return []
  return readFileSync(fileOf(target), 'utf8').trimEnd().split('\n').map(line =>
    Buffer.from(JSON.parse(line) as string, 'latin1')
  )
}

/** Replaces the saved inputs. */
export function writeCorpus (target: string, inputs: readonly Buffer[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    fileOf(target),
    inputs.map(input => JSON.stringify(input.toString('latin1')) + '\n').join('')
  )
}
