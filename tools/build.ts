// Makes `dist`: JavaScript without comments, declarations with them of what users can
// import, and source maps by line. All keep the package small beside the sources that it carries.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { decode, encode } from '@jridgewell/sourcemap-codec'
import { globSync } from 'tinyglobby'

rmSync('dist', { recursive: true, force: true })
// One run of the compiler cannot strip comments here and keep them there.
compile('--removeComments', '--sourceMap')
compile('--declaration', '--emitDeclarationOnly')
const used = declarations()
for (const path of globSync('dist/**/*.d.ts')) if (!used.has(path)) rmSync(path)
for (const path of globSync('dist/**/*.js.map')) thin(path)

function compile (...options: string[]): void {
  execFileSync(process.execPath, [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.build.json',
    ...options
  ], { stdio: 'inherit' })
}

/**
 * Stack traces and breakpoints go by line; where each word of a line came from is four fifths of a
 * map.
 */
function thin (path: string): void {
  const map = JSON.parse(readFileSync(path, 'utf8')) as { mappings: string }
  map.mappings = encode(decode(map.mappings).map(line => line.slice(0, 1)))
  writeFileSync(path, JSON.stringify(map))
}

/** The declarations of the package's entry points, and those that they lead to. */
function declarations (): Set<string> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { types: string }>
  }
  const found = new Set(
    Object.values(exports).flatMap(target => typeof target === 'string' ? [] : [join(target.types)])
  )
  for (const path of found) {
    for (
      const [, from = ''] of readFileSync(path, 'utf8').matchAll(
        /(?:from |import\()["'](\.[^"']+)\.[jt]s["']/g
      )
    ) found.add(join(dirname(path), `${from}.d.ts`))
  }
  return found
}
