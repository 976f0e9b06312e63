import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'

const root = resolve(import.meta.dirname, '../..')
const { exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>
}
const vendors = Object.keys(exports).filter(path => path.endsWith('/scheme')).map(path =>
  path.slice(2, -'/scheme'.length)
)

/** The files and packages that an import of this file loads. */
async function loadedBy (path: string): Promise<{ files: string[], packages: string[] }> {
  const { metafile } = await build({
    entryPoints: [resolve(root, path)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent'
  })
  const imports = Object.values(metafile.inputs).flatMap(input => input.imports)
  return {
    files: Object.keys(metafile.inputs),
    packages: imports.filter(({ external }) => external).map(({ path }) => path)
  }
}

t.test('a scheme loads without Fastify', async t => {
  t.ok(vendors.length >= 5)
  for (const vendor of vendors) {
    const { packages, files } = await loadedBy(`plugins/${vendor}/scheme.ts`)
    const foreign = packages.filter(name => !/^(?:node:|@fastify\/error$)/.test(name))
    t.same(foreign, [], `${vendor}/scheme needs no package but @fastify/error`)
    t.same(
      files.filter(file => /kit\/(?:index|keys|replay|route|explain)\b/.test(file)),
      [],
      vendor
    )
  }
})

t.test('importing one vendor loads no other', async t => {
  for (const vendor of vendors) {
    const { files } = await loadedBy(`plugins/${vendor}/index.ts`)
    const foreign = files.filter(file =>
      !/^plugins\/kit\//.test(file) && !file.includes(`/${vendor}/`)
    )
    t.same(foreign, [], vendor)
  }
})
