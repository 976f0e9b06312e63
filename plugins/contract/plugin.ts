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

/** Options of every plugin, to hand on to `app.register`. */
export interface ContractOptions {
  keys: Keys
  now: () => number
  replay: ExpiringStore | false
  duplicates?: 'mark'
  /** Only where the scheme does not declare `no-timestamp`. */
  tolerance?: Tolerance
}

/** With what to sign the one request that the suite edits. */
export interface Signing {
  readonly secret: string
  /** Epoch milliseconds, for vendors that sign a time. */
  readonly time: number
}

/** A plugin that was built on the kit, and what the suite cannot know about it. */
export interface PluginContract {
  readonly scheme: Pick<Scheme<never>, 'name' | 'limits'>
  /**
   * A fresh app with the plugin and a signed route; its handler answers with
   * `request.verification`.
   */
  readonly build: (options: ContractOptions) => FastifyInstance | Promise<FastifyInstance>
  /**
   * A signed request for that route, the same for the same arguments. A body of JSON should hold a
   * digit in its second half: the suite changes it there.
   */
  readonly sign: (signing: Signing) => ContractRequest
  /** Where the signature is in it. */
  readonly signature: Part
  /** Where everything is that the signature covers. */
  readonly covered: readonly Part[]
  /**
   * The signed request with something else changed: verified where the limit is declared,
   * refused where it is not. Needed for each declared one of `method-not-covered`,
   * `uri-not-covered`, `headers-not-covered` and `some-fields-not-covered`.
   */
  readonly variations?: Partial<Record<Limit, (request: ContractRequest) => ContractRequest>>
  /**
   * Makes a secret of the vendor's form, always the same of one text and another of another. By
   * default the text is one.
   */
  readonly secretOf?: (text: string) => string
  /** The step of the signed time in milliseconds: 1000 for vendors that sign seconds. Default 1. */
  readonly timeStepMs?: number
  /**
   * The media types in which the vendor sends its bodies, where there are several and the signature
   * covers the bytes, so that one may be sent as another. Default: that of the signed request.
   */
  readonly mediaTypes?: readonly string[]
  /**
   * True where a request counts as used once it is verified, whatever becomes of it: an upgrade,
   * whose handler works for hours. By default a claim is given back when its request fails.
   */
  readonly usedOnceVerified?: boolean
  /** The other spellings of a signature that the vendor's side takes; none by default. */
  readonly alsoAccepts?: (signature: string) => readonly string[]
}

/** The cases that hold a plugin to what the kit promises of it. They must run one after another. */
export function pluginContract (given: PluginContract): ContractCase[] {
  const { secretOf } = given
  const contract: PluginContract = {
    ...given,
    build: options => given.build({ ...options, keys: keysOfForm(options.keys, secretOf) }),
    sign: ({ secret, time }) => given.sign({ secret: secretOfForm(secret, secretOf), time })
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
  const form = (key: Key): Key => ({ ...key, secret: secretOfForm(key.secret, secretOf) })
  if (typeof keys === 'string') return secretOfForm(keys, secretOf)
  if (Array.isArray(keys)) return (keys as readonly Key[]).map(form)
  return keys === undefined ? keys : form(keys as Key)
}
