import { OptionInvalid } from '../kit/errors.ts'
import { flag, optional } from '../kit/index.ts'
import type { KeyRing } from '../kit/keys/key-ring.ts'
import { type PublicAddress, publicAddress } from './address.ts'

/** The vendor's own options, in addition to those of every vendor. */
export const options = {
  /** False accepts all that Genesys's own verifier accepts; true (default) is stricter. */
  strict: flag(true),
  /**
   * The address that Genesys calls, such as `wss://audiohook.example.com/hooks`: needed where a
   * proxy changes Host or path. Default: the request's own Host and path.
   */
  publicUrl: optional<string, PublicAddress | undefined>((option, refuse) => {
    if (option === undefined) return undefined
    return publicAddress(option) ?? refuse('must be the wss URL that Genesys calls, without query')
  })
}

/**
 * A request names its key by the API key, so a key without an id would never be found.
 * @throws {OptionInvalid} if a key has no id
 */
export function assertKeyIds ({ all }: KeyRing): void {
  if (all?.some(({ id }) => id === 'default')) {
    throw new OptionInvalid(
      'genesys-audiohook',
      'option "keys" must be { id, secret }, or a list of those: the id is the API key, the secret the client secret in base64'
    )
  }
}
