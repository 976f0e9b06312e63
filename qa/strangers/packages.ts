import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const home = import.meta.dirname

/** The vendors' packages are dependencies of this folder only. */
export const load = createRequire(join(home, 'package.json'))

/** Why the comparison cannot run, or undefined. */
export function whyNoStrangers (): string | undefined {
  return existsSync(join(home, 'node_modules'))
    ? undefined
    : "the vendors' packages are not installed: npm ci --prefix qa/strangers"
}
