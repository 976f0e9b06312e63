// Makes `examples/integration-service/dist`, or the folder that is named: the service as JavaScript
// in a few files, which needs neither TypeScript nor tsx.
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
  // Modules find what lies beside them below the built folder, wherever that is copied to.
  urlOf: path =>
    `new URL(${
      JSON.stringify(relative(resolve(service), path).replaceAll('\\', '/'))
    }, __bundle).href`
})
// What browsers load stands beside the routes that send it.
for (
  const folder of globSync('**/public', {
    cwd: service,
    onlyDirectories: true,
    ignore: ['dist/**', 'node_modules/**']
  })
) cpSync(join(service, folder), join(built, folder), { recursive: true })
