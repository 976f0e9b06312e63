// The duration of each file in its last run on this machine.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const durationsFile = '.tap/durations.json'

/**
 * Sorts files by duration, longest first, to avoid ending on a single long one. New files come
 * last, by size.
 */
export function longestFirst (files: readonly string[]): string[] {
  const seconds = readDurations()
  return [...files].sort((a, b) =>
    (seconds[b] ?? 0) - (seconds[a] ?? 0) || statSync(b).size - statSync(a).size
  )
}

export function rememberDurations (
  results: ReadonlyArray<{ file: string, seconds: number }>
): void {
  const seconds = Object.fromEntries(
    Object.entries(readDurations()).filter(([file]) => existsSync(file))
  )
  for (const { file, seconds: duration } of results) seconds[file] = Math.round(duration * 10) / 10
  mkdirSync(dirname(durationsFile), { recursive: true })
  writeFileSync(durationsFile, JSON.stringify(seconds))
}

/** Empty if there are none, or if another run is writing them. */
function readDurations (): Record<string, number> {
  try {
    return JSON.parse(readFileSync(durationsFile, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}
