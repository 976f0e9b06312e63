// Installs what bench/ needs where it is missing, compiles the benchmarks and the code
// they measure as the package is compiled, builds the service, and runs one of them:
//   tsx bench/start.ts main [options]
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const bench = import.meta.dirname
const root = resolve(bench, '..')
const out = join(bench, 'dist')
const [script = 'main', ...args] = process.argv.slice(2)

if (!existsSync(join(bench, 'node_modules', 'mitata'))) run('npm', ['ci', '--prefix', bench])
compile()
process.exitCode = run(process.execPath, [
  '--expose-gc',
  join(out, 'bench', `${script}.js`),
  ...args
], [0, 1])

function compile (): void {
  rmSync(out, { recursive: true, force: true })
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', bench])
  // The examples import the package by its name: here that is its compiled plugins.
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string,
    exports: Record<string, { default?: string }>
  }
  const compiledExports = Object.entries(exports).flatMap(([path, { default: target }]) =>
    target === undefined ? [] : [[path, target.replace('./dist/', './')]]
  )
  writeFileSync(
    join(out, 'package.json'),
    JSON.stringify({ name, type: 'module', exports: Object.fromEntries(compiledExports) })
  )
  run(process.execPath, ['--import=tsx', 'tools/build-service.ts', join(out, 'built')])
}

function run (command: string, args: string[], allowed = [0]): number {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status === null || !allowed.includes(status)) process.exit(status ?? 1)
  return status
}
