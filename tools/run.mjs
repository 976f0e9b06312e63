// Runs a program of this repository from its TypeScript:
//   node tools/run.mjs examples/start.ts
// It is compiled at once, and again when a file of it has changed. A loader that compiles each
// module when it is met takes twice as long.
import './node-version.cjs'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [program = ''] = process.argv.splice(2, 1)
const root = resolve(import.meta.dirname, '..')
// Inside the repository, where packages are found.
const cache = join(root, 'node_modules/.cache/run')
const name = program.replace(/[^\w.-]+/g, '_')
const record = join(cache, `${name}.json`)

// What says how it is compiled, and which packages are there.
const settings = [
  'tools/bundle.mjs',
  'tools/run.mjs',
  'package.json',
  'tsconfig.json',
  'node_modules/.package-lock.json'
]

await import(pathToFileURL(compiledBefore() ?? await compile()).href)

/** The file that the last start left; undefined where one of its sources is another by now. */
function compiledBefore () {
  try {
    const { file, sources } = JSON.parse(readFileSync(record, 'utf8'))
    const isFresh = sources.every(([path, stamp]) => stampOf(path) === stamp)
    return isFresh && existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

async function compile () {
  const begun = Date.now()
  const { bundle } = await import('./bundle.mjs')
  mkdirSync(cache, { recursive: true })
  // A folder of its own for each: another process may run what is in the one before.
  const outdir = mkdtempSync(join(cache, `${name}.`))
  const file = join(outdir, `${parse(program).name}.js`)
  try {
    const { inputs } = await bundle({
      entryPoints: [program],
      outbase: parse(program).dir,
      outdir,
      splitting: true,
      urlOf: path => JSON.stringify(pathToFileURL(path).href)
    })
    const paths = [...Object.keys(inputs), ...settings].map(path => resolve(root, path))
    // What was written meanwhile may not be what was compiled.
    if (paths.every(path => !existsSync(path) || statSync(path).mtimeMs < begun)) {
      const sources = paths.map(path => [path, stampOf(path)])
      writeFileSync(join(outdir, 'record'), JSON.stringify({ file, sources }))
      renameSync(join(outdir, 'record'), record)
    }
    removeOld(outdir)
    return file
  } catch (error) {
    rmSync(outdir, { recursive: true, force: true })
    throw error
  }
}

function stampOf (path) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.mtimeMs} ${found.size}`
}

/** What was compiled over a day ago. A process that still runs it may load a part of it later. */
function removeOld (current) {
  for (const other of readdirSync(cache)) {
    const path = join(cache, other)
    if (!other.startsWith(`${name}.`) || path === record || path === current) continue
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (made < Date.now() - 86_400_000) rmSync(path, { recursive: true, force: true })
  }
}
