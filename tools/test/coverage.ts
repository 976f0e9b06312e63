import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { globSync } from 'tinyglobby'

/**
 * The source of the package is held to its coverage; a file without a test shows up as 0 % instead
 * of not at all. Processes that tests start (with `childEnv`) are not measured.
 */
export function coverage (): { env: NodeJS.ProcessEnv, report: () => boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'coverage-'))
  return {
    env: { NODE_V8_COVERAGE: folder, NODE_OPTIONS: '--enable-source-maps' },
    report () {
      const { status } = spawnSync(process.execPath, [
        'node_modules/c8/bin/c8.js',
        'report',
        `--temp-directory=${folder}`,
        '--include=plugins/**/*.ts',
        '--include=cli/**/*.ts',
        ...typesOnly().map(path => `--exclude=${path}`),
        '--all',
        '--src=.',
        '--check-coverage',
        '--lines=99.8',
        '--statements=99.8',
        '--functions=99.8',
        // Each `await import()` counts as two: tsx asks there whether it got a CommonJS module.
        '--branches=99.5',
        '--skip-full',
        '--reporter=text'
      ], { stdio: 'inherit' })
      rmSync(folder, { recursive: true, force: true })
      return status === 0
    }
  }
}

/** Files that hold nothing but types: nothing of them runs. */
function typesOnly (): string[] {
  return globSync(['plugins/**/*.ts', 'cli/**/*.ts']).filter(path => {
    const { code } = transformSync(readFileSync(path, 'utf8'), { loader: 'ts' })
    return code.replace(/export \{\s*\};?/, '').trim() === ''
  })
}
