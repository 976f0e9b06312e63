import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { ConfigError } from './config-error.ts'

type Environment = Record<string, string | undefined>

/**
 * The environment, with the content of the file `NAME_FILE` as `NAME`: orchestrators provide
 * secrets as files, and an environment is visible to anyone who can inspect the process.
 * @throws {ConfigError} naming the setting
 */
export function addFileValues (env: Environment, names: readonly string[]): Environment {
  const faults: string[] = []
  const entries = names.flatMap(name => {
    const file = env[`${name}_FILE`]?.trim()
    if (!file) return []
    if (env[name]?.trim()) faults.push(`${name} and ${name}_FILE are both set; unset one`)
    try {
      const text = decodeSecret(readFileSync(file))
      if (text === '') faults.push(`${name}_FILE is an empty file`)
      return [[name, text]]
    } catch (error) {
      faults.push(`${name}_FILE cannot be read: ${explain(error as NodeJS.ErrnoException)}`)
      return []
    }
  })
  if (faults.length > 0) throw new ConfigError(faults)
  return { ...env, ...Object.fromEntries(entries) }
}

/** A secret that is replaced while the service runs, such as a token that expires. */
export function createSecretReader (file: string): () => Promise<string> {
  return async () => decodeSecret(await readFile(file))
}

/**
 * Editors and `echo` end a file with a newline, and those of Windows begin it with a byte-order
 * mark: neither is part of the secret. Bytes that are not UTF-8 would silently become another one.
 */
function decodeSecret (bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/[\r\n]+$/, '')
}

function explain ({ code }: NodeJS.ErrnoException): string {
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : String(code)
}
