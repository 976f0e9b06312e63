// Makes `dist`: JavaScript without comments, declarations with them, and source maps
// by line. All three keep the package small beside the sources that it carries.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { decode, encode } from '@jridgewell/sourcemap-codec'
import { globSync } from 'tinyglobby'

rmSync('dist', { recursive: true, force: true })
// One run of the compiler cannot strip comments here and keep them there.
compile('--removeComments', '--sourceMap')
compile('--declaration', '--emitDeclarationOnly')
for (const path of globSync('dist/**/*.js.map')) thin(path)

function compile (...options: string[]): void {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', ...options], { stdio: 'inherit' })
}

/** Stack traces and breakpoints go by line; where each word of a line came from is four fifths of a map. */
function thin (path: string): void {
  const map = JSON.parse(readFileSync(path, 'utf8')) as { mappings: string }
  map.mappings = encode(decode(map.mappings).map(line => line.slice(0, 1)))
  writeFileSync(path, JSON.stringify(map))
}
