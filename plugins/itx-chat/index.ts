import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type CommonOptions,
  createVerify,
  type Failure,
  type FailureReply,
  flag,
  installVendor,
  matchingKey,
  positiveInteger,
  readCommonOptions,
  refuseInputErrors,
  refuseOwnInput,
  type RememberOption,
  type Scheme,
  signingKey,
  type Verification
} from '../kit/index.ts'
import { createExplainLog } from '../kit/explain/index.ts'
import { diagnosis } from './diagnosis.ts'
import { embedHtml, type EmbedOptions } from './embed.ts'
import { coveredNames, type ItxChatInput } from './entries.ts'
import { readSession } from './received.ts'
import { describeSession } from './openapi.ts'
import { createScheme, type ItxChatSchemeOptions } from './scheme.ts'
import * as schemas from './schemas.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { embedHtml, type EmbedOptions } from './embed.ts'
export { rootFields, type ItxChatInput, type RootField } from './entries.ts'
export { createScheme, scheme, type ItxChatSchemeOptions } from './scheme.ts'
export * from './schemas.ts'

export interface ItxChatOptions
  extends CommonOptions<ItxChatDecorator>, RememberOption, ItxChatSchemeOptions {
  /**
   * Milliseconds that a signed session is good for. Signing then puts `expiresAt` (epoch
   * milliseconds) into `verifiedData`, and `verify` demands it and looks at the clock. The
   * portal itself only shows it to the agent. Off by default.
   */
  expiresIn?: number
}

/** What a page may know of its visitor, before it is signed. */
export type SessionData = Omit<ItxChatInput, 'verifiedData'> & {
  verifiedData?: object | null | undefined,
  unverifiedData?: object | undefined,
  hideInputFields?: boolean | undefined
}

export interface ItxChatDecorator {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`: throws unless the JSON
   * body is a session that this site signed.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /**
   * Hook for `preSerialization`: completes a payload with `extSystemHash`. Errors, and payloads
   * with nothing to cover, stay as they are.
   */
  sign: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>
  /**
   * The object for `window.itxChat`, plain data as the browser will send it. Looked-up keys need
   * the request, here and below.
   * @throws {InputRefused} for data that the scheme refuses; the message names the field
   */
  session: <Data extends SessionData>(
    data: Data,
    request?: FastifyRequest
  ) => Promise<Data & { extSystemHash: string }>
  /**
   * The argument for `window.itxChatUtils.verifySession`, for a visitor who logs in while the page
   * runs.
   */
  verifySession: <Data extends object>(
    verifiedData: Data,
    request?: FastifyRequest
  ) => Promise<{ verifiedData: Data, extSystemHash: string }>
  /**
   * The two `<script>` tags of a page, with the session in the first; a visitor of whom nothing is
   * known gets no hash.
   */
  embed: (data: SessionData, options: EmbedOptions, request?: FastifyRequest) => Promise<string>
  /**
   * The id of the key that made the hash, or null. Looks at neither `expiresAt` nor replay. Throws
   * {@link InputError} for input that the scheme refuses.
   */
  verifyInput: (
    input: ItxChatInput,
    extSystemHash: string,
    request?: FastifyRequest
  ) => Promise<string | null>
  /**
   * Exactly what `verify` accepted on this request, or null: numbers and order as on the
   * wire, `verifiedData` a Map. `request.body` may have lost digits or been coerced since.
   */
  verified: (request: FastifyRequest) => ItxChatInput | null
  readonly scheme: Scheme<ItxChatInput>
  readonly schemas: typeof schemas
}

/**
 * What `request.verification` is behind this plugin's `verify`; `signedAt` with the option
 * `expiresIn`.
 */
export type ItxChatVerification = Verification & { readonly scheme: 'itx-chat' }

declare module 'fastify' {
  interface FastifyInstance {
    itxChat: ItxChatDecorator
  }
}

const itxChat: FastifyPluginAsync<ItxChatOptions> = async function itxChat (app, options) {
  const expiresIn = options.expiresIn === undefined
    ? undefined
    : positiveInteger('itx-chat', 'expiresIn', options.expiresIn)
  const settings = readCommonOptions(options, {
    vendor: 'itx-chat',
    decorator: 'itxChat',
    own: ['strict', 'expiresIn'],
    published: ['nawe21ASme2nasdzZcasxXA31nAQCXZha2m'],
    // Both sides of it, because the clocks of the signer and of this process may differ.
    ...expiresIn !== undefined && { defaultTolerance: expiresIn }
  })
  const { keys, now } = settings
  const scheme = createScheme({ strict: flag('itx-chat', 'strict', options.strict ?? true) })
  const accepted = new WeakMap<FastifyRequest, ItxChatInput>()

  async function signed<Data extends SessionData> (
    data: Data,
    request?: FastifyRequest
  ): Promise<Data & { extSystemHash: string }> {
    // A list or a Map that JSON makes something else of, and what a toJSON makes of an object.
    assertPlain(data.verifiedData)
    const session = asSent(data)
    assertPlain(session.verifiedData)
    if (expiresIn !== undefined) {
      session.verifiedData = { ...session.verifiedData, expiresAt: now() + expiresIn }
    }
    const { secret } = await signingKey(keys, now(), request)
    return { ...session, extSystemHash: scheme.sign(session, secret) }
  }

  const decorator: ItxChatDecorator = {
    scheme,
    schemas,
    verify: createVerify({
      settings,
      scheme,
      read: request => readSession(request, expiresIn),
      explainLater: createExplainLog(settings, scheme, diagnosis),
      accepted: (request, { input }) => {
        accepted.set(request, input)
      }
    }),
    verified: request => request.verification === null ? null : accepted.get(request) ?? null,
    async verifyInput (input, extSystemHash, request) {
      return matchingKey(scheme, input, extSystemHash, (await keys.at(now(), request)).keys)?.id ??
        null
    },
    session: (data, request) => refuseOwnInput(() => signed(data, request)),
    verifySession: (verifiedData, request) =>
      refuseOwnInput(() => signed({ verifiedData }, request)),
    embed: (data, options, request) =>
      refuseOwnInput(async () =>
        embedHtml(isSession(data) ? await signed(data, request) : data, options)
      ),
    async sign (request, reply, payload) {
      return await refuseInputErrors(async () =>
        reply.statusCode < 400 && isSession(payload) ? await signed(payload, request) : payload
      )
    }
  }
  installVendor(app, {
    settings,
    scheme,
    sample: {},
    decorator,
    capture: true,
    replyTo,
    describe: describeSession(scheme, expiresIn)
  })
}

export default fp(itxChat, { fastify: '5.x', name: 'fastify-contact-center/itx-chat' })

/**
 * What JSON makes of it is what the widget will send, and so what must be signed: dates as text,
 * nothing undefined.
 */
function asSent<Data> (data: Data): Data {
  return JSON.parse(JSON.stringify(data)) as Data
}

/** A Map would be sent as `{}`, and text as text: neither is what the portal takes. */
function assertPlain (verifiedData: unknown = null): void {
  if (
    typeof verifiedData !== 'object' || (verifiedData !== null && Symbol.iterator in verifiedData)
  ) throw new TypeError('verifiedData must be a plain object')
}

function isSession (payload: unknown): payload is SessionData {
  return typeof payload === 'object' && payload !== null &&
    coveredNames(payload).length > 0
}

/** No shape is published; this one is ours. */
function replyTo ({ status, code, message }: Failure): FailureReply {
  return { status, body: { verified: false, error: code, message } }
}
