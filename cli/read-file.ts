import { readFileSync } from 'node:fs'
import { UsageError } from './usage-error.ts'

/** @throws {UsageError} naming the argument and why the file cannot be read */
export function readBytes (path: string, argument: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(
      `--${argument}: cannot read ${path} (${String((error as NodeJS.ErrnoException).code)})`
    )
  }
}
