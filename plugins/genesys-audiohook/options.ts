import { OptionInvalid } from '../kit/errors.ts'
import { flag, optional } from '../kit/index.ts'
import type { KeyRing } from '../kit/keys/key-ring.ts'
import { type PublicAddress, publicAddress } from './address.ts'

/** The options of the plugin beside those that every vendor has. */
export const options = {
  /** False takes what Genesys's verifier takes by itself; true (default) refuses it. */
  strict: flag(true),
  /**
   * Where Genesys reaches this server, such as `wss://audiohook.example.com/hooks`, where a proxy
   * changes Host or path. Default: what the request says.
   */
  publicUrl: optional<string, PublicAddress | undefined>((given, refuse) => {
    if (given === undefined) return undefined
    return publicAddress(given) ?? refuse('must be the wss URL that Genesys calls, without query')
  })
}

/** Requests name their key by the API key: a key without an id is never found. */
export function assertKeyIds ({ all }: KeyRing): void {
  if (all?.some(({ id }) => id === 'default')) {
    throw new OptionInvalid(
      'genesys-audiohook',
      'option "keys" must be { id, secret }, or a list of those: the id is the API key, the secret the client secret in base64'
    )
  }
}
