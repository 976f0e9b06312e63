// Runs a TypeScript program of this repository:
//   node tools/run.mjs examples/start.ts
// Bundles it first, and again after a source changes: a loader that compiles module by module takes
// twice as long.
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
// Inside the repository, so that packages resolve.
const usualCache = join(root, 'node_modules/.cache/run')
const name = program.replace(/[^\w.-]+/g, '_')
const recordName = `${name}.json`

// Files that determine the compilation and the installed packages.
const settings = [
  'tools/bundle.mjs',
  'tools/run.mjs',
  'package.json',
  'tsconfig.json',
  'node_modules/.package-lock.json'
]

await import(pathToFileURL(compiledBefore() ?? await compile()).href)

/**
 * The bundle of the last start; undefined if a source has changed, or if this repository is a copy
 * of the one that built it.
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
  const start = Date.now()
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
    // Files that changed during the build may not match the bundle.
    if (paths.every(path => !existsSync(path) || statSync(path).mtimeMs < start)) {
      // A truncated file would do nothing, silently.
      const outputPaths = Object.keys(outputs).map(path => resolve(root, path))
      const stamps = [...paths, ...outputPaths].map(path => [path, stampOf(path)])
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
 * Creates the cache, and a folder in it for each start: another process may still run the previous
 * bundle. If node_modules is not writable, both are temporary.
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
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? null : `${stats.mtimeMs} ${stats.size}`
}

/** Removes bundles older than a day. Running processes may still load parts of newer ones. */
function removeOld (cache, current) {
  for (const file of readdirSync(cache)) {
    const path = join(cache, file)
    if (!file.startsWith(`${name}.`) || file === recordName || path === current) continue
    const modifiedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (modifiedAt < Date.now() - 86_400_000) rmSync(path, { recursive: true, force: true })
  }
}
