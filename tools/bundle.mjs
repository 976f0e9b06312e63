import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build, stop } from 'esbuild'

/**
 * Packages with native code or files of their own, packages that are loaded on demand, and one that
 * would lose the class names under which its errors are logged.
 */
const externalPackages = [
  '@fastify/swagger-ui',
  '@node-rs/argon2',
  'ioredis',
  'libsql',
  'pg',
  'uplot'
]

/**
 * Bundles programs of this repository and their packages into a few JavaScript files: Node takes
 * longer to find and read a thousand modules than to run them. `urlOf` returns the expression for
 * `import.meta.url` in a module; `__bundle` is the URL of the bundled file. Returns esbuild's
 * metadata of inputs and outputs.
 */
export async function bundle ({ entryPoints, outbase, outdir, splitting, urlOf }) {
  const { metafile } = await build({
    entryPoints,
    outbase,
    outdir,
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['fastify-contact-center-source'],
    external: externalPackages,
    // CommonJS packages load Node's modules this way.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'\n" +
        'const require = __createRequire(import.meta.url), __bundle = import.meta.url,\n' +
        '  __filename = import.meta.filename, __dirname = import.meta.dirname'
    },
    plugins: [{
      name: 'own-places',
      setup (bundle) {
        bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
          contents: (await readFile(path, 'utf8'))
            // esbuild's own `require` bundles a package, and still runs it on demand.
            .replace(/^const require = createRequire\(import\.meta\.url\)$/m, '')
            .replaceAll('import.meta.url', urlOf(path)),
          loader: 'ts'
        }))
      }
    }],
    absWorkingDir: resolve(import.meta.dirname, '..'),
    metafile: true,
    logLevel: 'warning'
  })
  // esbuild runs in a child process.
  await stop()
  return metafile
}
