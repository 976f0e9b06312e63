import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Compiles all test files to JavaScript in one run: a loader in each process takes over a second
 * more. Excludes files with computed imports other than relative paths and vendor names, which need
 * the loader to share one copy of each module, and files with their own packages.
 */
export async function compile (
  files: readonly string[]
): Promise<{ programs: Map<string, string>, remove: () => void }> {
  const { folder, remove } = makeFolder()
  const computedPaths = new Set<string>()
  const { metafile } = await build({
    ...toBundle,
    entryPoints: files.map(file => resolve(file)),
    absWorkingDir: root,
    outdir: folder,
    outbase: root,
    splitting: true,
    target: 'node20',
    sourcemap: true,
    define: {
      'import.meta.url': ownPlace.url,
      'import.meta.filename': ownPlace.filename,
      'import.meta.dirname': ownPlace.dirname
    },
    sourcesContent: false,
    outExtension: { '.js': '.mjs' },
    plugins: [ownName, ownPlaces(computedPaths)]
  })
  const programs = new Map<string, string>()
  for (const file of files.filter(file => !hasPackages(file))) {
    const entry = relative(root, resolve(file))
    const ownInputs = inputsOf(entry, metafile)
    if ([...ownInputs].some(input => computedPaths.has(input))) continue
    programs.set(file, join(folder, entry.replace(/\.ts$/, '.mjs')))
  }
  return { programs, remove }
}

/** Inside the repository, so that packages resolve. Removed when the process exits. */
function makeFolder (): { folder: string, remove: () => void } {
  const parent = join(root, '.tap')
  mkdirSync(parent, { recursive: true })
  removeLeftovers(parent)
  const folder = mkdtempSync(join(parent, `compiled-${process.pid}-`))
  const remove = (): void => {
    process.off('exit', remove)
    for (const signal of endings) process.off(signal, removeAndEnd)
    rmSync(folder, { recursive: true, force: true })
  }
  const removeAndEnd = (signal: NodeJS.Signals): void => {
    remove()
    process.kill(process.pid, signal)
  }
  process.once('exit', remove)
  for (const signal of endings) process.once(signal, removeAndEnd)
  return { folder, remove }
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Removes folders of killed processes, which could not remove their own. */
function removeLeftovers (parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^compiled-([0-9]+)-/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(parent, name), { recursive: true, force: true })
    }
  }
}

function isRunning (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The build options for a test file and its imports. */
export const toBundle = {
  bundle: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // The package declares its modules free of side effects; its tests have some.
  ignoreAnnotations: true,
  logLevel: 'error'
} as const

/** Tests import the package by its own name, resolved to its sources. */
export const ownName: Plugin = {
  name: 'own-name',
  setup (bundle) {
    const { exports } = createRequire(import.meta.url)('../../package.json') as {
      exports: Record<string, { 'fastify-contact-center-source'?: string }>
    }
    bundle.onResolve({ filter: /^fastify-contact-center/ }, ({ path }) => {
      const subpath = path.replace('fastify-contact-center', '.')
      const source = exports[subpath]?.['fastify-contact-center-source']
      if (source === undefined) return { external: true }
      return { path: resolve(root, source) }
    })
  }
}

/** Replacements for `import.meta` in a bundle, defined per module. */
const ownPlace = { url: '__moduleUrl', filename: '__moduleFilename', dirname: '__moduleDirname' }

/** Lets modules find files relative to their source, and records computed imports. */
function ownPlaces (computedPaths: Set<string>): Plugin {
  return {
    name: 'own-places',
    setup (bundle) {
      bundle.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
        const source = withPlugins(await readFile(path, 'utf8'), path)
        if (/\bimport\((?!\s*(?:['"]|`\.{1,2}\/))/.test(source)) {
          computedPaths.add(relative(root, path))
        }
        // On the first line, to preserve line numbers. Unused ones are dropped.
        const places = `const ${ownPlace.url} = ${JSON.stringify(pathToFileURL(path).href)}, ` +
          `${ownPlace.filename} = ${JSON.stringify(path)}, ` +
          `${ownPlace.dirname} = ${JSON.stringify(dirname(path))};`
        const contents = places + source.replace(/^#!.*/, '')
        return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' }
      })
    }
  }
}

/**
 * Turns imports of plugins by vendor name into path patterns: esbuild compiles all matches, as for
 * relative paths.
 */
function withPlugins (source: string, path: string): string {
  const plugins = relative(dirname(path), join(root, 'plugins'))
  return source.replaceAll(
    /\bimport\((\s*)`fastify-contact-center\/(\$\{\w+\})`(\s*)\)/g,
    (_all, before: string, name: string, after: string) =>
      `import(${before}\`${plugins}/${name}/index.ts\`${after})`
  )
}

/** Packages beside a test do not resolve from the output folder. */
function hasPackages (file: string): boolean {
  for (let folder = dirname(resolve(file)); folder.length > root.length; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) return true
  }
  return false
}

function inputsOf (entry: string, { inputs }: Metafile): Set<string> {
  const reachedPaths = new Set([entry])
  for (const path of reachedPaths) {
    for (const { path: importPath, external } of inputs[path]?.imports ?? []) {
      if (external !== true) reachedPaths.add(importPath)
    }
  }
  return reachedPaths
}
