import { STATUS_CODES } from 'node:http'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import {
  type CommonOptions,
  createVerify,
  type Failure,
  type FailureReply,
  flag,
  installVendor,
  isSecure,
  matchingKey,
  oneOf,
  OptionInvalid,
  parseUrl,
  readCommonOptions,
  refuseInputErrors,
  type Scheme,
  signingKey,
  timeWindow,
  type Verification,
  warnOfSiblings,
  type WindowOption
} from '../kit/index.ts'
import { createExplainLog } from '../kit/explain/index.ts'
import { createDiagnosis } from './diagnosis.ts'
import type { OnlineContactInput } from './fields.ts'
import {
  type IssuedTokens,
  memoryIssuedTokens,
  rememberToken,
  tokenStore,
  wasIssued
} from './issued-tokens.ts'
import { helpCentrePage, type HelpCentrePage, memberLink } from './link.ts'
import { type LoginFormOptions, loginPage } from './login-form.ts'
import { type MemberToSign, type SignedMember, signedMember } from './member.ts'
import { readMember } from './read.ts'
import { returnUrlWith } from './return-url.ts'
import { describeLogin } from './openapi.ts'
import { createScheme, type OnlineContactSchemeOptions } from './scheme.ts'
import * as schemas from './schemas.ts'
import { remoteLogin, type ServerLoginOptions } from './server-login.ts'
import { loginStatus } from './status.ts'

export { createDiagnosis, diagnosis } from './diagnosis.ts'
export { isBlank } from './blank.ts'
export type { OnlineContactInput } from './fields.ts'
export {
  memoryIssuedTokens,
  TokenStoreUnavailable,
  type IssuedTokens,
  type MemoryIssuedTokensOptions
} from './issued-tokens.ts'
export type { HelpCentrePage } from './link.ts'
export type { LoginFormOptions } from './login-form.ts'
export type { MemberToSign, SignedMember } from './member.ts'
export { openApiMessage, signOpenApi, type OpenApiCall, type OpenApiHeaders } from './open-api.ts'
export { redisIssuedTokens, type RedisIssuedTokensOptions } from './redis-tokens.ts'
export { isAllowedReturnUrl, returnUrlWith } from './return-url.ts'
export { createScheme, scheme, type OnlineContactSchemeOptions } from './scheme.ts'
export * from './schemas.ts'
export {
  RemoteLoginFailed,
  RemoteLoginRefused,
  RemoteLoginTimedOut,
  type ServerLoginOptions
} from './server-login.ts'
export { loggedInMember, loginStatus } from './status.ts'

/**
 * `tolerance` is 180000 ms on both sides by default; a GET link is remembered for its past side.
 */
export interface OnlineContactOptions
  extends CommonOptions<OnlineContactDecorator>, WindowOption, OnlineContactSchemeOptions {
  /**
   * Where our organization's Online Contact is: `https://{domain}.oc.nhncloud.com`. Needed for
   * logins and links.
   */
  url?: string
  /**
   * The name of the service (the help centre). `verify` then accepts no other; signing needs it
   * here or per call.
   */
  service?: string
  /**
   * Where issued GET links are remembered. Default: in this process, at most 100000. {@link
   * redisIssuedTokens} for several processes.
   */
  tokens?: IssuedTokens
}

/**
 * Each function that signs throws {@link InputError} for a member that cannot be signed
 * safely, and needs the request where keys are looked up.
 */
export interface OnlineContactDecorator {
  /**
   * Hook for `preValidation` (or `preHandler`), and for `@fastify/auth`. Plays Online Contact's
   * side: the form in the body, or the query of a GET.
   */
  verify: (request: FastifyRequest) => Promise<void>
  /**
   * Hook for `preSerialization`: a payload of member fields gains `service`, `time` and `token`.
   * Replies of status 400 and above pass unsigned.
   */
  sign: (request: FastifyRequest, reply: FastifyReply, payload: unknown) => Promise<unknown>
  /** The fields to send, with `service`, `time` and `token`. */
  signMember: (member: MemberToSign, request?: FastifyRequest) => Promise<SignedMember>
  /**
   * The id of the key that made the token, or null. Looks at neither time nor replay. Throws {@link
   * InputError} for input that the scheme refuses.
   */
  verifyInput: (
    input: OnlineContactInput,
    token: string,
    request?: FastifyRequest
  ) => Promise<string | null>
  /** Login from the browser: a complete HTML page with a form that posts itself. */
  loginForm: (member: MemberToSign, options?: LoginFormOptions & WithRequest) => Promise<string>
  /** Login from our server. @throws RemoteLoginRefused, RemoteLoginFailed, RemoteLoginTimedOut */
  serverLogin: (
    member: MemberToSign,
    options?: ServerLoginOptions & WithRequest
  ) => Promise<ServerLogin>
  /** Where to send the browser with an access token. */
  helpCentreUrl: (accessToken: string) => string
  /** The return URL of a server-side login, with the member's id and the signed time appended. */
  returnUrlWith: typeof returnUrlWith
  /**
   * The link with which an app opens the help centre; `home` by default. Remembers the token.
   * @throws TokenStoreUnavailable
   */
  link: (
    member: MemberToSign & { email: string },
    page?: HelpCentrePage,
    request?: FastifyRequest
  ) => Promise<string>
  /**
   * The answer to Online Contact's question about a token. Says no without saying why. @throws
   * TokenStoreUnavailable
   */
  checkIssuedToken: (usercode: string, token: string) => Promise<schemas.LoginStatus>
  /** The answer to Online Contact's question who is logged in; null for nobody. */
  loginStatus: typeof loginStatus
  readonly scheme: Scheme<OnlineContactInput>
  readonly schemas: typeof schemas
}

/** What `request.verification` is behind this plugin's `verify`. */
export type OnlineContactVerification = Verification & {
  readonly scheme: 'online-contact',
  readonly signedAt: number
}

export interface WithRequest {
  request?: FastifyRequest
}

/** What a server-side login gives. */
export interface ServerLogin {
  /** Lets in as the member whoever brings it: do not log it. */
  accessToken: string
  /** The start of the help centre, with the access token. */
  helpCentreUrl: string
  usercode: string
  /** The signed time, epoch milliseconds. */
  time: string
}

declare module 'fastify' {
  interface FastifyInstance {
    onlineContact: OnlineContactDecorator
  }
}

const onlineContact: FastifyPluginAsync<OnlineContactOptions> = async function onlineContact (
  app,
  options
) {
  const settings = readCommonOptions(options, {
    vendor: 'online-contact',
    decorator: 'onlineContact',
    own: ['ampersand', 'strict', 'url', 'service', 'tokens'],
    published: ['7cf2828608274a49a3f06152b2188927'],
    defaultTolerance: 180_000
  })
  const { keys, now } = settings
  const window = timeWindow('online-contact', options.tolerance ?? 180_000)
  const ampersand = oneOf('online-contact', 'ampersand', options.ampersand ?? 'refuse', [
    'refuse',
    'allow'
  ])
  const scheme = createScheme({
    ampersand,
    strict: flag('online-contact', 'strict', options.strict ?? true)
  })
  const url = options.url === undefined ? undefined : originOf(options.url)
  const tokens = tokenStore(
    options.tokens === undefined ? memoryIssuedTokens({ now }) : options.tokens
  )
  if (
    options.service !== undefined &&
    (typeof options.service !== 'string' || options.service.trim() === '')
  ) {
    throw new OptionInvalid('online-contact', 'option "service" must be the name of a service')
  }

  const decorator: OnlineContactDecorator = {
    scheme,
    schemas,
    loginStatus,
    returnUrlWith,
    verify: createVerify({
      settings,
      scheme,
      read: request => readMember(request, options.service),
      explainLater: createExplainLog(
        settings,
        scheme,
        createDiagnosis({ service: options.service })
      )
    }),
    async verifyInput (input, token, request) {
      return matchingKey(scheme, input, token, (await keys.at(now(), request)).keys)?.id ?? null
    },
    async signMember (member, request) {
      const at = now()
      const { service = needed('service', options.service), time = at } = member
      const { secret } = await signingKey(keys, at, request)
      return signedMember(scheme, { ...member, service, time }, secret)
    },
    async sign (request, reply, payload) {
      if (reply.statusCode >= 400) return payload
      return {
        ...payload as MemberToSign,
        ...await refuseInputErrors(() => decorator.signMember(payload as MemberToSign, request))
      }
    },
    async loginForm (member, options = {}) {
      const { returnUrl = member.returnUrl } = options
      const fields = await decorator.signMember({
        ...member,
        ...returnUrl !== undefined && { returnUrl }
      }, options.request)
      return loginPage(`${needed('url', url)}/v2/enduser/remote.json`, fields, options)
    },
    async serverLogin ({ returnUrl: _, ...member }, options = {}) {
      const fields = await decorator.signMember(member, options.request)
      const { usercode, time } = fields
      const accessToken = await remoteLogin(
        `${needed('url', url)}/api/v2/enduser/remote.json`,
        fields,
        options
      )
      return {
        accessToken,
        helpCentreUrl: pageWithToken(fields.service, accessToken),
        usercode,
        time
      }
    },
    helpCentreUrl: accessToken => pageWithToken(needed('service', options.service), accessToken),
    async link ({ returnUrl: _, ...member }, page = 'home', request) {
      const fields = await decorator.signMember(member, request)
      const link = memberLink(needed('url', url), fields, page)
      await rememberToken(tokens, fields.token, fields.usercode, window.pastMs)
      return link
    },
    async checkIssuedToken (usercode, token) {
      return loginStatus(await wasIssued(tokens, token, usercode) ? usercode : null)
    }
  }

  function pageWithToken (service: string, accessToken: string): string {
    return `${helpCentrePage(needed('url', url), service, 'home')}?accessToken=${
      encodeURIComponent(accessToken)
    }`
  }

  // Without an address no link is made.
  if (url !== undefined) warnOfSiblings(app, settings, tokens, 'links of the GET type')
  installVendor(app, {
    settings,
    scheme,
    sample: { service: 's', usercode: 'u', time: 0 },
    decorator,
    capture: true,
    replyTo,
    describe: describeLogin(scheme, options.service)
  })
}

export default fp(onlineContact, { fastify: '5.x', name: 'fastify-contact-center/online-contact' })

/** The option, without a final slash. Members' data goes there. */
function originOf (url: string): string {
  const parsed = parseUrl(url)
  if (parsed === null || !isSecure(parsed) || parsed.href !== `${parsed.origin}/`) {
    throw new OptionInvalid(
      'online-contact',
      'option "url" must be an https address (http on loopback) without path and query'
    )
  }
  return parsed.origin
}

function needed (name: string, value: string | undefined): string {
  if (value === undefined) {
    throw new OptionInvalid('online-contact', `option "${name}" is needed for this`)
  }
  return value
}

/** Online Contact's own way to refuse. It never says which of the checks failed. */
function replyTo ({ status }: Failure): FailureReply {
  const resultCode = status === 401 ? 403 : status
  const resultMessage = resultCode === 403 ? 'Access Denied' : STATUS_CODES[resultCode] ?? 'Error'
  return {
    status: resultCode,
    body: { header: { resultCode, resultMessage, isSuccessful: false }, result: null }
  }
}
