import { decodeUtf8 } from 'fastify-contact-center/kit'
import type { Key } from 'fastify-contact-center'
import type { ParsedArguments } from './arguments.ts'
import { convertToUtf8 } from './encoding.ts'
import { readBytes } from './read-file.ts'
import { UsageError } from './usage-error.ts'

/**
 * Reads the keys in use, or those that are not (`other-`), each named after its variable or file.
 * @param printNote reports changes of a key on stderr
 * @throws {UsageError} on a variable that is not set, a file that cannot be read, and a blank key
 */
export function readKeys (
  args: ParsedArguments,
  env: NodeJS.ProcessEnv,
  printNote: (text: string) => void,
  prefix: '' | 'other-' = ''
): Key[] {
  return [
    ...args.getAll(`${prefix}secret-env`).map(name => checkKey(name, readVariable(name, env))),
    ...args.getAll(`${prefix}secret-file`).map(path =>
      checkKey(path, readSecretFile(path, `${prefix}secret-file`, printNote))
    )
  ]
}

/** @throws {UsageError} when there is none */
export function requireKey (keys: readonly Key[]): [Key, ...Key[]] {
  const [first, ...rest] = keys
  if (first === undefined) {
    throw new UsageError('a key is missing: use --secret-env NAME or --secret-file PATH')
  }
  return [first, ...rest]
}

function readVariable (name: string, env: NodeJS.ProcessEnv): string {
  // Not quoted: it may be the secret itself, and errors end up in logs.
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UsageError('--secret-env needs the name of a variable, not its value')
  }
  const secret = env[name]
  if (secret === undefined) throw new UsageError(`the environment variable ${name} is not set`)
  return secret
}

function readSecretFile (
  path: string,
  argument: string,
  printNote: (text: string) => void
): string {
  const { bytes, encoding } = convertToUtf8(readBytes(path, argument), path)
  if (encoding !== undefined) {
    printNote(`${path} is in ${encoding}: its text in UTF-8 is used as the key`)
  }
  const text = decodeUtf8(bytes, path)
  const secret = text.replace(/\r?\n$/, '')
  if (secret !== text) printNote(`the line break at the end of ${path} is not part of the key`)
  return secret
}

function checkKey (id: string, secret: string): Key {
  if (secret.trim() === '') throw new UsageError(`the key ${id} is blank`)
  return { id, secret }
}
