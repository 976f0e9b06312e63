import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'corpus')
const fileOf = (target: string): string => join(folder, `${target}.txt`)

/**
 * The inputs that were kept for a target: together they go wherever fuzzing has been. One a line,
 * each byte as a character of a JSON string.
 */
export function readCorpus (target: string): Buffer[] {
  if (!existsSync(fileOf(target))) return []
  return readFileSync(fileOf(target), 'utf8').trimEnd().split('\n').map(line =>
    Buffer.from(JSON.parse(line) as string, 'latin1')
  )
}

/** Replaces what was kept. */
export function writeCorpus (target: string, inputs: readonly Buffer[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    fileOf(target),
    inputs.map(input => JSON.stringify(input.toString('latin1')) + '\n').join('')
  )
}
