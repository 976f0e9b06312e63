// Builds `dist`: readable JavaScript with comments, and the declarations of the public API.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { globSync } from 'tinyglobby'

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, [
  'node_modules/typescript/bin/tsc',
  '-p',
  'tsconfig.build.json'
], { stdio: 'inherit' })
const declarations = findDeclarations()
for (const path of globSync('dist/**/*.d.ts')) if (!declarations.has(path)) rmSync(path)

/** The declarations of the package's entry points and their imports. */
function findDeclarations (): Set<string> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { types: string }>
  }
  const paths = new Set(
    Object.values(exports).flatMap(target => typeof target === 'string' ? [] : [join(target.types)])
  )
  for (const path of paths) {
    for (
      const [, from = ''] of readFileSync(path, 'utf8').matchAll(
        /(?:from |import\()["'](\.[^"']+)\.[jt]s["']/g
      )
    ) paths.add(join(dirname(path), `${from}.d.ts`))
  }
  return paths
}
