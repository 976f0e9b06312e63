import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Compiles test files to JavaScript, all in one go: a loader in each of their processes takes over
 * a second more. Not in the result are files that import by a computed name that is no path beside
 * them and no vendor's, which need the loader to meet one copy of each module, and files with
 * packages of their own.
 */
export async function compile (
  files: readonly string[]
): Promise<{ programs: Map<string, string>, remove: () => void }> {
  const { folder, remove } = makeFolder()
  const computed = new Set<string>()
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
    plugins: [ownName, ownPlaces(computed)]
  })
  const programs = new Map<string, string>()
  for (const file of files.filter(file => !hasPackages(file))) {
    const entry = relative(root, resolve(file))
    const own = inputsOf(entry, metafile)
    if ([...own].some(input => computed.has(input))) continue
    programs.set(file, join(folder, entry.replace(/\.ts$/, '.mjs')))
  }
  return { programs, remove }
}

/** Inside the repository, where packages are found. It goes with the process, however that ends. */
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

/** Who is killed removes nothing; the next one does. */
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

/** What a test file and all that it imports are made of. */
export const toBundle = {
  bundle: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  // The package says that its modules do nothing when they are loaded; its tests do.
  ignoreAnnotations: true,
  logLevel: 'error'
} as const

/** Tests import the package by its own name, which stands for its sources. */
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

/** What `import.meta` stands for in a bundle: each module has these of its own. */
const ownPlace = { url: '__moduleUrl', filename: '__moduleFilename', dirname: '__moduleDirname' }

/** Modules go on finding their files where their source is; computed imports are noted. */
function ownPlaces (computed: Set<string>): Plugin {
  return {
    name: 'own-places',
    setup (bundle) {
      bundle.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
        const source = withPlugins(await readFile(path, 'utf8'), path)
        if (/\bimport\((?!\s*(?:['"]|`\.{1,2}\/))/.test(source)) computed.add(relative(root, path))
        // On the first line, so that the lines keep their numbers; where it is unused, it goes.
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
 * A plugin that is imported by a vendor's name becomes a pattern of paths: esbuild compiles all
 * that fit, as it does with relative paths.
 */
function withPlugins (source: string, path: string): string {
  const plugins = relative(dirname(path), join(root, 'plugins'))
  return source.replaceAll(
    /\bimport\((\s*)`fastify-contact-center\/(\$\{\w+\})`(\s*)\)/g,
    (_all, before: string, name: string, after: string) =>
      `import(${before}\`${plugins}/${name}/index.ts\`${after})`
  )
}

/** Packages beside a test would not be found from the folder of what is compiled. */
function hasPackages (file: string): boolean {
  for (let at = dirname(resolve(file)); at.length > root.length; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) return true
  }
  return false
}

function inputsOf (entry: string, { inputs }: Metafile): Set<string> {
  const seen = new Set([entry])
  for (const path of seen) {
    for (const { path: imported, external } of inputs[path]?.imports ?? []) {
      if (external !== true) seen.add(imported)
    }
  }
  return seen
}
