import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { childEnv } from '../../test/helper.ts'

export const root = join(import.meta.dirname, '../..')

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>,
  peerDependencies: { fastify: string },
  engines: { node: string },
  exports: Record<string, unknown>,
  files: string[]
}

/** The inputs of a build, and the files that npm always packs. */
const buildInputs = [
  'package.json',
  'README.md',
  'LICENSE',
  'tsconfig.json',
  'tsconfig.build.json',
  'tools/build.ts',
  'plugins',
  'cli'
]

export interface Tarball {
  readonly path: string
  /** The download size in bytes. */
  readonly size: number
  readonly files: readonly string[]
}

/**
 * Builds and packs the package like a release, in a copy of the checkout: tests run concurrently,
 * and a build starts by deleting files that another test is packing.
 */
export function pack (t: Test): Tarball {
  const dir = folder(t, 'packed-')
  const checkout = folder(t, 'checkout-')
  for (const name of [...buildInputs, ...manifest.files.filter(name => name !== 'dist')]) {
    cpSync(join(root, name), join(checkout, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  const printed = execFileSync('npm', [
    'pack',
    '--json',
    '--pack-destination',
    dir,
    '--loglevel=error'
  ], {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // The test's own value is relative to its checkout.
    env: { ...process.env, TSX_TSCONFIG_PATH: undefined }
  })
  const [{ filename, size, files }] = JSON.parse(printed.slice(printed.indexOf('['))) as [
    { filename: string, size: number, files: Array<{ path: string }> }
  ]
  return { path: join(dir, filename), size, files: files.map(({ path }) => path) }
}

export interface Consumer {
  readonly dir: string
  write(file: string, text: string): void
  /** Runs a file with Node and returns its output. */
  run(file: string): string
}

export interface ConsumerOptions {
  /** Other packages of the project, linked from this checkout. */
  also?: readonly string[]
  /** A folder with another Fastify release. */
  fastify?: string
}

/**
 * A new project with the package unpacked in node_modules, and this checkout's copies of its
 * dependencies.
 */
export function consumer (
  t: Test,
  { path }: Tarball,
  { also = [], fastify }: ConsumerOptions = {}
): Consumer {
  const dir = folder(t, 'consumer-')
  const home = join(dir, 'node_modules', 'fastify-contact-center')
  mkdirSync(home, { recursive: true })
  execFileSync('tar', ['xzf', path, '-C', home, '--strip-components=1'])
  for (const name of [...Object.keys(manifest.dependencies), ...also]) {
    link(name, join(root, 'node_modules', name))
  }
  link('fastify', fastify ?? join(root, 'node_modules', 'fastify'))
  return {
    dir,
    write (file, text) {
      writeFileSync(join(dir, file), text)
    },
    run: file =>
      execFileSync(process.execPath, ['--no-warnings', file], {
        cwd: dir,
        encoding: 'utf8',
        env: childEnv
      }).trim()
  }

  function link (name: string, target: string): void {
    const place = join(dir, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    if (!existsSync(place)) symlinkSync(realpathSync(target), place)
  }
}

function folder (t: Test, prefix: string): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), prefix))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
