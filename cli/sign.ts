import type { Scheme } from 'fastify-contact-center/kit'
import type { Command } from './command.ts'
import { UsageError } from './usage-error.ts'

export const sign: Command = {
  summary: 'writes the signature of an input',
  accepts: [],
  run ({ scheme, input, keys: [key, ...otherKeys] }) {
    if (otherKeys.length > 0) throw new UsageError('sign needs exactly one key')
    if (!canSign(scheme)) {
      throw new UsageError(`only ${scheme.name} itself can sign: the key here is a public one`)
    }
    const signature = scheme.sign(input, key.secret)
    return { exitCode: 0, text: signature, json: { vendor: scheme.name, keyId: key.id, signature } }
  }
}

export function canSign (scheme: object): scheme is Scheme<object> {
  return 'sign' in scheme
}
