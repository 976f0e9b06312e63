// Runs a program of this repository from its TypeScript:
//   node tools/run.mjs examples/start.ts
// It is compiled at once. A loader that compiles each module when it is met takes twice as long.
import './node-version.cjs'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'

const [program = ''] = process.argv.splice(2, 1)
// Inside the repository, where packages are found.
const cache = resolve(import.meta.dirname, '../node_modules/.cache')
mkdirSync(cache, { recursive: true })
const outdir = mkdtempSync(join(cache, 'run-'))
const remove = () => rmSync(outdir, { recursive: true, force: true })
process.once('exit', remove)
await bundle({
  entryPoints: [program],
  outbase: parse(program).dir,
  outdir,
  splitting: false,
  urlOf: path => JSON.stringify(pathToFileURL(path).href)
})
await import(pathToFileURL(join(outdir, `${parse(program).name}.js`)).href)
// It is in memory, whatever ends this process.
remove()
