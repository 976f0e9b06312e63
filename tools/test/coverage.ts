import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { globSync } from 'tinyglobby'

/**
 * Enforces the coverage of the package's sources. Files without a test count as 0 % instead of
 * being omitted. Child processes of tests (with `childEnv`) are not measured.
 */
export function startCoverage (): { env: NodeJS.ProcessEnv, report: () => boolean } {
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
        ...findTypeOnlyFiles().map(path => `--exclude=${path}`),
        '--all',
        '--src=.',
        '--check-coverage',
        '--lines=99.8',
        '--statements=99.8',
        '--functions=99.8',
        // Each `await import()` counts twice: tsx adds a check for CommonJS modules.
        '--branches=99.5',
        '--skip-full',
        '--reporter=text'
      ], { stdio: 'inherit' })
      rmSync(folder, { recursive: true, force: true })
      return status === 0
    }
  }
}

/** Type-only files, which have no code to run. */
function findTypeOnlyFiles (): string[] {
  return globSync(['plugins/**/*.ts', 'cli/**/*.ts']).filter(path => {
    const { code } = transformSync(readFileSync(path, 'utf8'), { loader: 'ts' })
    return code.replace(/export \{\s*\};?/, '').trim() === ''
  })
}
