// Makes `examples/integration-service/dist`: the service as JavaScript, which needs the built
// package and the dependencies of the service, and neither TypeScript nor tsx.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { globSync } from 'tinyglobby'

const service = 'examples/integration-service'
const built = join(service, 'dist')

rmSync(built, { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', service], {
  stdio: 'inherit'
})
// What browsers load stands beside the routes that send it.
for (
  const folder of globSync('**/public', {
    cwd: service,
    onlyDirectories: true,
    ignore: ['dist/**', 'node_modules/**']
  })
) {
  const to = join(built, folder)
  rmSync(to, { recursive: true, force: true })
  cpSync(join(service, folder), to, { recursive: true })
}
