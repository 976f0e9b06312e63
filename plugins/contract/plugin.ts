import type { FastifyInstance } from 'fastify'
import type { ExpiringStore } from '../kit/replay/store.ts'
import type { Key, Keys } from '../kit/keys/key-ring.ts'
import type { Limit, Scheme } from '../kit/scheme.ts'
import type { Tolerance } from '../kit/wire/time.ts'
import type { ContractCase } from './case.ts'
import { secretOfForm } from './fixtures.ts'
import { bodyCases } from './plugin-bodies.ts'
import { keyCases } from './plugin-keys.ts'
import { requestLimitCases } from './plugin-limits.ts'
import { partCases } from './plugin-parts.ts'
import { replayCases } from './plugin-replay.ts'
import { timeCases } from './plugin-time.ts'
import type { ContractRequest, Part } from './request.ts'

/** Options of every plugin, to pass to `app.register`. */
export interface ContractOptions {
  keys: Keys
  now: () => number
  replay: ExpiringStore | false
  duplicates?: 'mark'
  /** Only if the scheme does not declare `no-timestamp`. */
  tolerance?: Tolerance
}

/** How to sign the request that the suite edits. */
export interface Signing {
  readonly secret: string
  /** Epoch milliseconds, for vendors that sign a time. */
  readonly time: number
}

/** A plugin that was built with the kit, and the facts that the suite needs about it. */
export interface PluginContract {
  readonly scheme: Pick<Scheme<never>, 'name' | 'limits'>
  /**
   * A fresh app with the plugin and a signed route; its handler answers with
   * `request.verification`.
   */
  readonly build: (options: ContractOptions) => FastifyInstance | Promise<FastifyInstance>
  /**
   * A signed request for that route; equal arguments must give equal requests. The second half of a
   * JSON body should contain a digit, which the suite changes.
   */
  readonly sign: (signing: Signing) => ContractRequest
  /** Where the request carries the signature. */
  readonly signature: Part
  /** Where the request carries each part that the signature covers. */
  readonly covered: readonly Part[]
  /**
   * The signed request with one more change: accepted if the limit is declared, refused if it
   * is not. Required for each declared limit among `method-not-covered`, `uri-not-covered`,
   * `headers-not-covered` and `some-fields-not-covered`.
   */
  readonly variations?: Partial<Record<Limit, (request: ContractRequest) => ContractRequest>>
  /**
   * Makes a secret of the vendor's form from a text: equal secrets for equal texts, different ones
   * for different texts. Default: the text itself.
   */
  readonly secretOf?: (text: string) => string
  /** The resolution of the signed time in milliseconds: 1000 for seconds. Default 1. */
  readonly timeStepMs?: number
  /**
   * The media types of the vendor's bodies, if there are several and the signature covers the
   * bytes, so that a body may be sent as any of them. Default: that of the signed request.
   */
  readonly mediaTypes?: readonly string[]
  /**
   * True if a request counts as used once it is verified, even if it fails later, such as an
   * upgrade whose handler runs for hours. By default a claim is released when its request fails.
   */
  readonly usedOnceVerified?: boolean
  /** Further spellings of a signature that the plugin accepts. Default: none. */
  readonly alsoAccepts?: (signature: string) => readonly string[]
}

/** The test cases of every plugin. They must run one after another. */
export function pluginContract (vendorContract: PluginContract): ContractCase[] {
  const { secretOf } = vendorContract
  const contract: PluginContract = {
    ...vendorContract,
    build: options =>
      vendorContract.build({ ...options, keys: keysOfForm(options.keys, secretOf) }),
    sign: ({ secret, time }) =>
      vendorContract.sign({ secret: secretOfForm(secret, secretOf), time })
  }
  return [
    ...partCases(contract),
    ...bodyCases(contract),
    ...keyCases(contract),
    ...timeCases(contract),
    ...replayCases(contract),
    ...requestLimitCases(contract)
  ]
}

function keysOfForm (keys: Keys, secretOf: PluginContract['secretOf']): Keys {
  const inForm = (key: Key): Key => ({ ...key, secret: secretOfForm(key.secret, secretOf) })
  if (typeof keys === 'string') return secretOfForm(keys, secretOf)
  if (Array.isArray(keys)) return (keys as readonly Key[]).map(inForm)
  return keys === undefined ? keys : inForm(keys as Key)
}
