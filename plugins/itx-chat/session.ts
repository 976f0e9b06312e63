import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuseInputErrors, refuseOwnInput } from '../kit/errors.ts'
import type { VendorContext } from '../kit/index.ts'
import { embedHtml, type EmbedOptions } from './embed.ts'
import { coveredNames, type ItxChatInput } from './entries.ts'

/** A visitor's data before it is signed. */
export type SessionData = Omit<ItxChatInput, 'verifiedData'> & {
  verifiedData?: object | null | undefined,
  unverifiedData?: object | undefined,
  hideInputFields?: boolean | undefined
}

/** Each function needs the request where keys are looked up. */
export interface SessionFunctions {
  /**
   * Hook for `preSerialization`: adds `extSystemHash` to a payload. Errors, and payloads without
   * anything to sign, stay unchanged.
   */
  sign(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>
  /**
   * The object for `window.itxChat`, as plain data that the browser sends unchanged.
   * @throws {InputRefused} on data that the scheme refuses; the message names the field
   */
  session<Data extends SessionData>(
    data: Data,
    request?: FastifyRequest
  ): Promise<Data & { extSystemHash: string }>
  /**
   * The argument for `window.itxChatUtils.verifySession`, for a visitor who logs in while the page
   * runs.
   */
  verifySession<Data extends object>(
    verifiedData: Data,
    request?: FastifyRequest
  ): Promise<{ verifiedData: Data, extSystemHash: string }>
  /**
   * The two `<script>` tags of a page, with the session in the first. Without any data about the
   * visitor there is no hash.
   */
  embed(data: SessionData, options: EmbedOptions, request?: FastifyRequest): Promise<string>
  /**
   * Exactly the input that `verify` accepted on this request, or null: numbers and order as
   * received, `verifiedData` as a Map. `request.body` may have lost digits or been coerced since.
   */
  verified(request: FastifyRequest): ItxChatInput | null
}

/** The input that each request's `verify` accepted, and for which account. */
const acceptedInputs = new WeakMap<FastifyRequest, { as: string, input: ItxChatInput }>()

/** Keeps the input for {@link SessionFunctions.verified}. */
export function keepInput (
  request: FastifyRequest,
  { input }: { readonly input: ItxChatInput },
  { as }: Pick<VendorContext<ItxChatInput>, 'as'>
): void {
  acceptedInputs.set(request, { as, input })
}

/** Signs sessions as the portal checks them. */
export function sessionFunctions (
  { as, now, sign, options: { expiresIn } }: VendorContext<
    ItxChatInput,
    { readonly expiresIn: number | undefined }
  >
): SessionFunctions {
  async function session<Data extends SessionData> (
    data: Data,
    request?: FastifyRequest
  ): Promise<Data & { extSystemHash: string }> {
    // Before and after: JSON turns lists and Maps into something else, and toJSON any object.
    assertPlain(data.verifiedData)
    const widgetData = toWidgetData(data)
    assertPlain(widgetData.verifiedData)
    if (expiresIn !== undefined) {
      widgetData.verifiedData = { ...widgetData.verifiedData, expiresAt: now() + expiresIn }
    }
    return { ...widgetData, extSystemHash: await sign(widgetData, request) }
  }

  return {
    session: (data, request) => refuseOwnInput(() => session(data, request)),
    verifySession: (verifiedData, request) =>
      refuseOwnInput(() => session({ verifiedData }, request)),
    embed: (data, options, request) =>
      refuseOwnInput(async () =>
        embedHtml(isSession(data) ? await session(data, request) : data, options)
      ),
    verified (request) {
      const match = request.verification === null ? undefined : acceptedInputs.get(request)
      return match?.as === as ? match.input : null
    },
    async sign (request, reply, payload) {
      return await refuseInputErrors(async () =>
        reply.statusCode < 400 && isSession(payload) ? await session(payload, request) : payload
      )
    }
  }
}

/**
 * The data as the widget will send it, which is what must be signed: dates as text, no undefined
 * fields.
 */
function toWidgetData<Data> (data: Data): Data {
  return JSON.parse(JSON.stringify(data)) as Data
}

/** The portal accepts neither text nor `{}`, which is what a Map becomes. */
function assertPlain (verifiedData: unknown = null): void {
  if (
    typeof verifiedData !== 'object' || (verifiedData !== null && Symbol.iterator in verifiedData)
  ) {
    throw new TypeError('verifiedData must be a plain object')
  }
}

function isSession (payload: unknown): payload is SessionData {
  return typeof payload === 'object' && payload !== null &&
    coveredNames(payload).length > 0
}
