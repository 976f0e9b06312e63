import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import oracleCsc, {
  type ParameterNames,
  readClickToCallUrl
} from 'fastify-contact-center/oracle-csc'
import type { ValuesOf } from '../shared/settings.ts'
import { serverOptions } from '../shared/server-options.ts'
import { explainHash, readHashing } from './hash.ts'
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
  /** The likely mistake in the hash, if known. */
  readonly explanation?: string
}

/**
 * Checks click-to-call URLs like CSC, with the current settings. The package's rules for user names
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
   * Plugin options are fixed at registration, so new settings need a new app, used only to verify.
   */
  async apply (): Promise<void> {
    const { key, algorithm, checkCallId, names } = readHashing(this.#values)
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
    return readHashing(this.#values).names
  }

  /** The parameters of the URL, without the hash. */
  readCall ({ url }: FastifyRequest): Call {
    try {
      const { username = '', callerId = '', callId } = readClickToCallUrl(url, {
        names: this.names()
      })
      return { username, callerId, ...callId !== undefined && { callId } }
    } catch {
      // If parsers could disagree on the query, trust none of it.
      return { username: '', callerId: '' }
    }
  }

  /** The reason why CSC refuses this URL, or null. */
  async findRefusal (request: FastifyRequest): Promise<Refusal | null> {
    if ((request.query as { clickToCallInit?: unknown }).clickToCallInit !== 'true') {
      return {
        code: 'NO_CLICK_TO_CALL',
        reason: 'clickToCallInit=true is missing, so the URL does not start a session.'
      }
    }
    if (this.#values.hash === 'off') return null
    try {
      await this.#verifier?.oracleCsc.verify(request)
      return null
    } catch (error) {
      const { code, message: reason } = error as Error & { code: string }
      const explanation = code === 'FST_CC_SIGNATURE_INVALID'
        ? explainHash(request.url, readHashing(this.#values))
        : undefined
      return { code, reason, ...explanation !== undefined && { explanation } }
    }
  }
}
