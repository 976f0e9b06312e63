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
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, parse, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [program = ''] = process.argv.splice(2, 1)
const root = resolve(import.meta.dirname, '..')
// Inside the repository, where packages are found.
const usualCache = join(root, 'node_modules/.cache/run')
const name = program.replace(/[^\w.-]+/g, '_')
const recordName = `${name}.json`

// What says how it is compiled, and which packages are there.
const settings = [
  'tools/bundle.mjs',
  'tools/run.mjs',
  'package.json',
  'tsconfig.json',
  'node_modules/.package-lock.json'
]

await import(pathToFileURL(compiledBefore() ?? await compile()).href)

/**
 * The file that the last start left; undefined where one of its sources is another by now, or it
 * was made in the repository of which this one is a copy.
 */
function compiledBefore () {
  try {
    const record = JSON.parse(readFileSync(join(usualCache, recordName), 'utf8'))
    const isFresh = record.root === root &&
      record.stamps.every(([path, stamp]) => stampOf(path) === stamp)
    return isFresh ? record.file : undefined
  } catch {
    return undefined
  }
}

async function compile () {
  const begun = Date.now()
  const { bundle } = await import('./bundle.mjs')
  const [cache, outdir] = makeFolder()
  const file = join(outdir, `${parse(program).name}.js`)
  try {
    const { inputs, outputs } = await bundle({
      entryPoints: [program],
      outbase: parse(program).dir,
      outdir,
      splitting: true,
      urlOf: path => JSON.stringify(pathToFileURL(path).href)
    })
    const paths = [...Object.keys(inputs), ...settings].map(path => resolve(root, path))
    // What was written meanwhile may not be what was compiled.
    if (paths.every(path => !existsSync(path) || statSync(path).mtimeMs < begun)) {
      // A file that was cut would start nothing, and say nothing.
      const made = Object.keys(outputs).map(path => resolve(root, path))
      const stamps = [...paths, ...made].map(path => [path, stampOf(path)])
      writeFileSync(join(outdir, 'record'), JSON.stringify({ root, file, stamps }))
      renameSync(join(outdir, 'record'), join(cache, recordName))
    }
    removeOld(cache, outdir)
    return file
  } catch (error) {
    rmSync(outdir, { recursive: true, force: true })
    throw error
  }
}

/**
 * The cache, and a folder in it of its own for each start: another process may run what is in the
 * one before. Where nothing can be written beside the packages, both are for this start only.
 */
function makeFolder () {
  try {
    mkdirSync(usualCache, { recursive: true })
    return [usualCache, mkdtempSync(join(usualCache, `${name}.`))]
  } catch {
    const cache = mkdtempSync(join(tmpdir(), 'fastify-contact-center-'))
    process.once('exit', () => rmSync(cache, { recursive: true, force: true }))
    symlinkSync(join(root, 'node_modules'), join(cache, 'node_modules'), 'junction')
    return [cache, mkdtempSync(join(cache, `${name}.`))]
  }
}

function stampOf (path) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.mtimeMs} ${found.size}`
}

/** What was compiled over a day ago. A process that still runs it may load a part of it later. */
function removeOld (cache, current) {
  for (const other of readdirSync(cache)) {
    const path = join(cache, other)
    if (!other.startsWith(`${name}.`) || other === recordName || path === current) continue
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (made < Date.now() - 86_400_000) rmSync(path, { recursive: true, force: true })
  }
}
