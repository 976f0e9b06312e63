import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build, stop } from 'esbuild'

/**
 * Packages that hold native code or files of their own, those that are loaded when needed, and one
 * whose classes would lose the names by which its errors are logged.
 */
const installed = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  '@fastify/swagger-ui',
  '@node-rs/argon2',
  'ioredis',
  'libsql',
  'pg',
  'uplot'
]

/**
 * Programs of this repository as a few files of JavaScript, with the packages that they use: Node
 * takes longer to find and read a thousand modules than to run them. `urlOf` gives the expression
 * for `import.meta.url` of a module that uses it; `__bundle` is the URL of the file that it is in.
 * Gives what esbuild tells of its inputs and outputs.
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
    external: installed,
    // CommonJS packages ask for Node's modules so.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'\n" +
        'const require = __createRequire(import.meta.url), __bundle = import.meta.url,\n' +
        '  __filename = import.meta.filename, __dirname = import.meta.dirname'
    },
    plugins: [{
      name: 'own-places',
      setup (bundle) {
        bundle.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
          contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', urlOf(path)),
          loader: 'ts'
        }))
      }
    }],
    absWorkingDir: resolve(import.meta.dirname, '..'),
    metafile: true,
    logLevel: 'warning'
  })
  // Its compiler is a process of its own.
  await stop()
  return metafile
}
