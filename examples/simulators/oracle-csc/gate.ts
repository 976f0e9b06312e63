import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import oracleCsc, {
  type ParameterNames,
  readClickToCallUrl
} from 'fastify-contact-center/oracle-csc'
import type { ValuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { faultOfHash, hashingOf } from './hash.ts'
import type { oracleCscSettings } from './settings.ts'

type Values = ValuesOf<typeof oracleCscSettings>

export interface Call {
  username: string
  callerId: string
  callId?: string
}

export interface Refusal {
  readonly code: string
  readonly reason: string
  /** How the hash was made instead, as far as that can be told. */
  readonly explanation?: string
}

/**
 * Checks click-to-call URLs as CSC does, by the settings of the moment: our rules for user names
 * and numbers are off.
 */
export class Gate {
  readonly #values: Values
  readonly #now: () => number
  #verifier: FastifyInstance | undefined

  constructor (values: Values, now: () => number) {
    this.#values = values
    this.#now = now
  }

  /**
   * What the plugin is set to is fixed when it is registered, so other settings are another app,
   * which only verifies.
   */
  async apply (): Promise<void> {
    const { key, algorithm, checkCallId, names } = hashingOf(this.#values)
    const next = Fastify(serverOptions)
    await next.register(oracleCsc, {
      keys: key,
      algorithm,
      checkCallId,
      parameterNames: names,
      now: this.#now,
      strict: false,
      usernamePattern: false,
      callerIdPattern: false,
      callIdPattern: false,
      confusable: 'allow'
    })
    await next.ready()
    await this.close()
    this.#verifier = next
  }

  async close (): Promise<void> {
    await this.#verifier?.close()
  }

  names (): ParameterNames {
    return hashingOf(this.#values).names
  }

  /** What the URL says, and nothing of its hash. */
  read ({ url }: FastifyRequest): Call {
    try {
      const { username = '', callerId = '', callId } = readClickToCallUrl(url, {
        names: this.names()
      })
      return { username, callerId, ...callId !== undefined && { callId } }
    } catch {
      // A query that two parsers could read differently says nothing reliable.
      return { username: '', callerId: '' }
    }
  }

  /** Why CSC takes no session from this URL, or null. */
  async refusalOf (request: FastifyRequest): Promise<Refusal | null> {
    if ((request.query as { clickToCallInit?: unknown }).clickToCallInit !== 'true') {
      return {
        code: 'NO_CLICK_TO_CALL',
        reason: 'clickToCallInit=true is missing, so this starts no session.'
      }
    }
    if (this.#values.hash === 'off') return null
    try {
      await this.#verifier?.oracleCsc.verify(request)
      return null
    } catch (error) {
      const { code, message: reason } = error as Error & { code: string }
      const explanation = code === 'FST_CC_SIGNATURE_INVALID'
        ? faultOfHash(request.url, hashingOf(this.#values))
        : undefined
      return { code, reason, ...explanation !== undefined && { explanation } }
    }
  }
}
