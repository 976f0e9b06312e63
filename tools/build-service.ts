// Builds `examples/integration-service/dist`, or the given folder: the service as a few JavaScript
// files that need neither TypeScript nor tsx.
import { cpSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { bundle } from './bundle.mjs'

const service = 'examples/integration-service'
const [built = join(service, 'dist')] = process.argv.slice(2)

rmSync(built, { recursive: true, force: true })
await bundle({
  entryPoints: ['server', 'agents/command', 'customers/import'].map(name =>
    join(service, `${name}.ts`)
  ),
  outbase: service,
  outdir: built,
  splitting: true,
  // Modules find neighbouring files below the built folder, wherever it is copied.
  urlOf: path =>
    `new URL(${
      JSON.stringify(relative(resolve(service), path).replaceAll('\\', '/'))
    }, __bundle).href`
})
// Browser assets belong beside the routes that serve them.
for (
  const folder of globSync('**/public', {
    cwd: service,
    onlyDirectories: true,
    ignore: ['dist/**', 'node_modules/**']
  })
) cpSync(join(service, folder), join(built, folder), { recursive: true })
