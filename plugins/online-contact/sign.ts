import type { FastifyReply, FastifyRequest } from 'fastify'
import { memoryStore } from '../kit/replay/memory.ts'
import { OptionInvalid, refuseInputErrors } from '../kit/errors.ts'
import type { TimeWindow } from '../kit/wire/time.ts'
import type { VendorContext } from '../kit/index.ts'
import type { OnlineContactInput } from './fields.ts'
import { rememberToken, wasIssued } from './issued-tokens.ts'
import { helpCentrePage, type HelpCentrePage, memberLink } from './link.ts'
import { type LoginFormOptions, loginPage } from './login-form.ts'
import { type MemberToSign, type SignedMember, signedMember } from './member.ts'
import type { OnlineContactValues } from './options.ts'
import { returnUrlWith } from './return-url.ts'
import type { LoginStatus } from './schemas.ts'
import { remoteLogin, type ServerLoginOptions } from './server-login.ts'
import { loginStatus } from './status.ts'

/** The request, where keys are looked up. */
export interface WithRequest {
  request?: FastifyRequest
}

/** The result of a server-side login. */
export interface ServerLogin {
  /** Logs anyone in as the member: never log it. */
  accessToken: string
  /** The home page of the help centre, with the access token. */
  helpCentreUrl: string
  /** The member's id at our site. */
  usercode: string
  /** The signed time, epoch milliseconds. */
  time: string
}

/**
 * Each function that signs throws {@link InputError} on a member that cannot be signed safely, and
 * needs the request where keys are looked up.
 */
export interface SignFunctions {
  /**
   * Hook for `preSerialization`: adds `service`, `time` and `token` to a payload of member fields.
   * Replies of status 400 and above stay unsigned.
   */
  sign(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown>
  /** The fields to send, with `service`, `time` and `token`. */
  signMember(member: MemberToSign, request?: FastifyRequest): Promise<SignedMember>
  /** Login from the browser: a complete HTML page with a form that posts itself. */
  loginForm(member: MemberToSign, options?: LoginFormOptions & WithRequest): Promise<string>
  /**
   * Login from our server.
   * @throws {RemoteLoginRefused} when Online Contact refuses the login
   * @throws {RemoteLoginFailed} when it is unreachable, or its answer is unexpected
   * @throws {RemoteLoginTimedOut} when it does not answer in time
   */
  serverLogin(
    member: MemberToSign,
    options?: ServerLoginOptions & WithRequest
  ): Promise<ServerLogin>
  /** The address to which to redirect the browser with an access token. */
  helpCentreUrl(accessToken: string): string
  /** The return URL of a server-side login, with the member's id and the signed time appended. */
  returnUrlWith: typeof returnUrlWith
  /**
   * The link with which an app opens the help centre; `home` by default. Remembers the token.
   * @throws {TokenStoreUnavailable} when the store fails
   */
  link(
    member: MemberToSign & { email: string },
    page?: HelpCentrePage,
    request?: FastifyRequest
  ): Promise<string>
  /**
   * The answer when Online Contact asks whether a token was issued. A refusal has no reason.
   * @throws {TokenStoreUnavailable} when the store fails
   */
  checkIssuedToken(usercode: string, token: string): Promise<LoginStatus>
  /** The answer to Online Contact's question about the logged-in member; null for nobody. */
  loginStatus: typeof loginStatus
}

/** Signs members as Online Contact checks them, and answers its questions about them. */
export function signFunctions (
  { options, now, sign, warnIfPerProcess, window }: VendorContext<
    OnlineContactInput,
    OnlineContactValues
  >
): SignFunctions {
  const { url, tokens = memoryStore({ now }) } = options
  // The option `tolerance` has a default, so there always is a window.
  const { pastMs } = window as TimeWindow
  // Links need an address.
  if (url !== undefined) warnIfPerProcess(tokens, 'links of the GET type')

  async function signMember (
    member: MemberToSign,
    request?: FastifyRequest
  ): Promise<SignedMember> {
    const { service = requireOption('service', options.service), time = now() } = member
    const input = { ...member, service, time }
    return signedMember(input, await sign(input, request))
  }

  function pageWithToken (service: string, accessToken: string): string {
    const page = helpCentrePage(requireOption('url', url), service, 'home')
    return `${page}?accessToken=${encodeURIComponent(accessToken)}`
  }

  return {
    signMember,
    loginStatus,
    returnUrlWith,
    async sign (request, reply, payload) {
      if (reply.statusCode >= 400) return payload
      const member = payload as MemberToSign
      return { ...member, ...await refuseInputErrors(() => signMember(member, request)) }
    },
    async loginForm (member, options = {}) {
      const { returnUrl = member.returnUrl } = options
      const memberWithUrl = { ...member, ...returnUrl !== undefined && { returnUrl } }
      const fields = await signMember(memberWithUrl, options.request)
      return loginPage(`${requireOption('url', url)}/v2/enduser/remote.json`, fields, options)
    },
    async serverLogin ({ returnUrl: _, ...member }, options = {}) {
      const fields = await signMember(member, options.request)
      const address = `${requireOption('url', url)}/api/v2/enduser/remote.json`
      const accessToken = await remoteLogin(address, fields, options)
      const { service, usercode, time } = fields
      return { accessToken, helpCentreUrl: pageWithToken(service, accessToken), usercode, time }
    },
    helpCentreUrl: accessToken =>
      pageWithToken(requireOption('service', options.service), accessToken),
    async link ({ returnUrl: _, ...member }, page = 'home', request) {
      const fields = await signMember(member, request)
      const link = memberLink(requireOption('url', url), fields, page)
      await rememberToken(tokens, fields.token, fields.usercode, pastMs)
      return link
    },
    async checkIssuedToken (usercode, token) {
      return loginStatus(await wasIssued(tokens, token, usercode) ? usercode : null)
    }
  }
}

function requireOption (name: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new OptionInvalid('online-contact', `option "${name}" is required for this`)
}
