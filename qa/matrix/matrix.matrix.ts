// Tests the packed package on other releases: every maintained Node, with the oldest and the newest
// Fastify of the peer range. Runs the vendors' tests and the full contract suite against the
// tarball instead of the sources: `npm run test:matrix`. Without MATRIX=all, it runs only the
// oldest and the newest combination.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { vendors } from 'fastify-contact-center'
import t from 'tap'
import { globSync } from 'tinyglobby'
import { childEnv } from '../../test/helper.ts'
import { consumer, manifest, pack, root } from '../package/consumer.ts'

/** The oldest that `engines` allows, the LTS releases, and the current one. */
const nodes = ['20.19', '22', '24', '26']
const oldestFastify = manifest.peerDependencies.fastify.replace('^', '')
const newestFastify = manifest.peerDependencies.fastify

const combinations = process.env['MATRIX'] !== 'all'
  ? [['20.19', oldestFastify], ['26', newestFastify]] as const
  : nodes.flatMap(node => [oldestFastify, newestFastify].map(fastify => [node, fastify] as const))

t.equal(`>=${nodes[0]}`, manifest.engines.node, 'the oldest Node is that of engines')
const tarball = pack(t)
const tests = await bundleTests()

for (const [node, fastify] of combinations) {
  t.test(`Node ${node}, Fastify ${fastify}`, async t => {
    const bin = join(installRelease(`node-${process.platform}-${process.arch}`, node), 'bin/node')
    const peer = installRelease('fastify', fastify)
    t.ok(
      runForOutput([bin, '-p', 'process.versions.node']).startsWith(node),
      `runs on Node ${node}`
    )
    t.equal(
      readVersion(peer) === oldestFastify,
      fastify === oldestFastify,
      `with Fastify ${readVersion(peer)}`
    )
    const { dir } = consumer(t, tarball, {
      fastify: peer,
      also: [
        'tap',
        '@fastify/auth',
        '@fastify/formbody',
        '@fastify/type-provider-typebox',
        '@fastify/websocket',
        'fast-check',
        'ioredis',
        'redis',
        'twilio',
        'ws'
      ]
    })
    mkdirSync(join(dir, 'test'))
    cpSync(
      join(dir, 'node_modules/fastify-contact-center/test/vectors'),
      join(dir, 'test/vectors'),
      { recursive: true }
    )
    writeFileSync(join(dir, 'test/all.mjs'), tests)
    const results = await t.spawn(bin, ['test/all.mjs'], {
      cwd: dir,
      env: { ...childEnv, TAP: '1', TAP_TIMEOUT: '900' },
      timeout: 900_000
    }, 'the vendors and the contract suite')
    t.ok((results?.pass ?? 0) > 100, `${results?.pass} passed`)
  })
}

/**
 * One script with all tests, which resolves the package and its dependencies from the folder it
 * runs in.
 */
async function bundleTests (): Promise<string> {
  const files = [
    'test/contract.test.ts',
    ...vendors.flatMap(vendor => globSync(`test/${vendor}/*.test.ts`, { cwd: root }).sort())
  ]
  const { outputFiles } = await build({
    stdin: { contents: files.map(path => `import './${path}'`).join('\n'), resolveDir: root },
    bundle: true,
    packages: 'external',
    // The package declares its modules free of side effects; its tests have some.
    ignoreAnnotations: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'error'
  })
  return outputFiles.map(({ text }) => text).join('')
}

/** Installs a release from the registry beside the other packages. */
function installRelease (name: string, range: string): string {
  const folder = join(
    root,
    'node_modules/.cache/matrix',
    `${name}-${range.replace('^', 'newest-')}`
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  execFileSync('npm', [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefer-offline',
    '--loglevel=error',
    `${name}@${range}`
  ], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  return join(folder, 'node_modules', name)
}

function readVersion (folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function runForOutput ([command = '', ...args]: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', env: childEnv })
}
