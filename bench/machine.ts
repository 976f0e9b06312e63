import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** Where the figures come from, line by line. */
export function machine (bench: string): string[] {
  const { dependencies = {}, devDependencies = {} } = manifest(join(bench, 'package.json'))
  const versions = Object.keys({ ...dependencies, ...devDependencies }).filter(name =>
    !name.startsWith('@types/')
  ).map(name => `${name} ${manifest(join(bench, 'node_modules', name, 'package.json')).version}`)
  const fastify = manifest(join(bench, '..', 'node_modules', 'fastify', 'package.json')).version
  return [
    `${
      new Date().toISOString().slice(0, 10)
    }; Node.js ${process.version}, OpenSSL ${process.versions.openssl}, Fastify ${fastify}`,
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${
      (totalmem() / 2 ** 30).toFixed(0)
    } GiB, Linux ${release().split('.').slice(0, 2).join('.')}`,
    `peers and tools: ${versions.join(', ')}`
  ]
}

interface Manifest {
  version: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

function manifest (path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}
