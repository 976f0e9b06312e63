import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { captureBody } from './capture.ts'
import { OptionInvalid } from '../errors.ts'
import { createFailureHandler, type Failure, type FailureReply } from './failure.ts'
import type { Settings } from './options.ts'
import { markVerifyHook } from './protect.ts'
import { watchReplies } from './claims.ts'
import { type DescribeRoute, documentRoute } from './open-api.ts'
import type { Scheme, Verifier } from '../scheme.ts'
import { warnOfSiblings } from './siblings.ts'
import type { Verification } from './verify.ts'

/** Per-route settings, for what `onRoute` cannot see by itself. */
export interface ContactCenterRouteConfig {
  /** Capture the body although no verify hook is visible, as inside `app.auth([...])`. */
  readonly capture?: boolean
  /** The decorator of the plugin whose shape failures of this route have. */
  readonly replies?: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by a vendor's `verify` hook on success; null before, and after a failure. */
    verification: Verification | null
  }
  interface FastifyContextConfig {
    contactCenter?: ContactCenterRouteConfig
  }
}

export interface Installation<Input, Decorator> {
  /** The vendor plugin's settings, as `readCommonOptions` gives them. */
  readonly settings: Settings
  readonly scheme: Verifier<Input>
  /** Any input that can be signed: each configured key signs and verifies it at boot. */
  readonly sample?: Input | undefined
  /** Put on the app under the name in the settings. */
  readonly decorator: Decorator
  /** The hooks that protect a route; the first one is the signature's. */
  readonly guards: readonly [InstalledGuard, ...InstalledGuard[]]
  readonly replyTo: (failure: Failure) => FailureReply
  /**
   * What an OpenAPI document says of a signed route; without it, only that it is signed, and how it
   * fails.
   */
  readonly describe?: DescribeRoute | undefined
}

/** A hook that protects a route. */
export interface InstalledGuard {
  /** Its name on the decorator. */
  readonly name: string
  readonly hook: object
  /** Whether it reads the body, and so needs it captured. */
  readonly readsBody: boolean
  /** Refuses, at boot, a route on which the hook cannot work. */
  readonly assertRoute?: ((route: RouteOptions) => void) | undefined
  /** Runs after validation on each route with the hook. */
  readonly afterValidation?: ((request: FastifyRequest) => void) | undefined
}

const slotsBeforeTheBody = ['onRequest', 'preParsing'] as const
const slots = [...slotsBeforeTheBody, 'preValidation', 'preHandler'] as const

/**
 * Decorates the app, and watches routes: one that carries a guard gets body capture, the vendor's
 * failure replies and, where the guard is the signature's, its place in OpenAPI documents. Every
 * other route is left alone, but for a look at its replies where requests are remembered.
 */
export function installVendor<Input, Decorator> (
  app: FastifyInstance,
  { settings, scheme, sample, decorator, guards, replyTo, describe = plain(settings) }:
    Installation<Input, Decorator>
): void {
  const { vendor, as, replay, window } = settings
  selfCheck(settings, scheme, sample)
  warnOfSiblings(app, settings, replay?.store, 'replays')
  for (const guard of guards) markVerifyHook(guard.hook)
  const [{ hook: verify, readsBody }] = guards
  const failureHandler = createFailureHandler(vendor, replyTo)
  if (!app.hasRequestDecorator('verification')) app.decorateRequest('verification', null)
  app.decorate(as, decorator as never)
  if (replay !== undefined) watchReplies(app)
  app.addHook('onRoute', (route) => {
    const config = route.config?.contactCenter
    const found = guards.filter(({ hook }) => slotOf(route, hook) !== undefined)
    for (const guard of found) assertPlace(route, guard)
    const isSigned = slotOf(route, verify) !== undefined
    if (found.some(guard => guard.readsBody) || config?.capture === true) prependCapture(route)
    for (const { afterValidation } of config?.capture === true ? guards : found) {
      if (afterValidation !== undefined) prependCheck(route, afterValidation)
    }
    if (found.length > 0 || config?.replies === as) route.errorHandler ??= failureHandler
    if (isSigned) {
      documentRoute(route, {
        as,
        describe,
        replyTo,
        capture: readsBody,
        hasWindow: window !== undefined,
        hasReplay: replay !== undefined
      })
    }
  })

  function assertPlace (
    route: RouteOptions,
    { name, hook, readsBody, assertRoute }: InstalledGuard
  ) {
    const slot = slotOf(route, hook)
    if (readsBody && slotsBeforeTheBody.some(early => early === slot)) {
      const what = name === 'verify' ? 'covers' : 'reads'
      throw new OptionInvalid(
        vendor,
        `route ${
          String(route.method)
        } ${route.url}: app.${as}.${name} ${what} the body and so must ` +
          `stand in preValidation or preHandler, not in ${slot}`
      )
    }
    assertRoute?.(route)
  }
}

/**
 * A key that cannot sign and verify is found at boot, and not by the first customer. Where only the
 * vendor can sign, the key has been read, and that is all there is to check.
 */
function selfCheck<Input> (
  { vendor, keys }: Settings,
  scheme: Verifier<Input>,
  sample: Input | undefined
): void {
  if (!('sign' in scheme) || sample === undefined) return
  const { sign } = scheme as Scheme<Input>
  for (const { id, secret, parsed } of keys.all ?? []) {
    let verifies: boolean
    try {
      verifies = scheme.verify(sample, sign.call(scheme, sample, secret, parsed), secret, parsed)
    } catch (error) {
      throw new OptionInvalid(vendor, `key "${id}" cannot sign: ${(error as Error).message}`)
    }
    if (!verifies) throw new OptionInvalid(vendor, `key "${id}" does not verify what it signs`)
  }
}

/** The slot of the route in which the hook stands. */
function slotOf (route: RouteOptions, hook: object): typeof slots[number] | undefined {
  return slots.find(name => ([route[name] ?? []].flat() as object[]).includes(hook))
}

/** First, so that no other hook comes before us; once, where several accounts share a route. */
function prependCapture (route: RouteOptions): void {
  const hooks = [route.preParsing ?? []].flat()
  if (!hooks.includes(captureBody)) route.preParsing = [captureBody, ...hooks]
}

function prependCheck (route: RouteOptions, check: (request: FastifyRequest) => void): void {
  route.preHandler = [async request => check(request), ...[route.preHandler ?? []].flat()]
}

function plain ({ vendor }: Settings): DescribeRoute {
  return () => ({
    security: { type: 'http', scheme: vendor, description: `Signed as ${vendor} signs` },
    parts: {},
    example: {},
    failure: {}
  })
}
