import type { FastifyInstance, FastifyRequest, preParsingHookHandler, RouteOptions } from 'fastify'
import { captureBody } from './capture.ts'
import { assertCompilers } from './compilers.ts'
import { OptionInvalid } from '../errors.ts'
import { createFailureHandler, type Failure, type FailureReply } from './failure.ts'
import type { Settings } from './options.ts'
import { answerInVendorsShape, ownFailures, setFailureHandler } from './guarded.ts'
import { markVerifyHook } from './protect.ts'
import { canSeeHooksOf, decideLate, hooksOf, onEachRoute, type Slot, slots } from './see-routes.ts'
import { watchReplies } from './claims.ts'
import { type DescribeRoute, documentRoute } from './open-api.ts'
import { writeLiteralsAsGiven } from './response-literals.ts'
import type { Scheme, Verifier } from '../scheme.ts'
import { warnOfSiblings } from './siblings.ts'
import { createTrial, isCapture, tryNotFoundHandlers } from './trial-capture.ts'
import type { Verification } from './verify.ts'

/** Per-route settings, for what `onRoute` cannot see by itself. */
export interface ContactCenterRouteConfig {
  /**
   * True says that the route is guarded out of sight: its handler calls `verify`. False leaves its
   * body alone: for uploads that are streamed.
   */
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
  /** Most bytes of a body on signed routes that say nothing themselves. Default 65536. */
  readonly bodyLimit?: number | undefined
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

const slotsBeforeTheBody: readonly Slot[] = ['onRequest', 'preParsing']
const slotsAfterTheBody: readonly Slot[] = ['preValidation', 'preHandler']
const withoutBody = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * Decorates the app, and watches routes. One that is seen to carry a guard gets body capture, the
 * vendor's failure replies, its body limit and, where the guard is the signature's, its place in
 * OpenAPI documents.
 *
 * A guard may also be out of sight: wrapped, bound, called by another function, or added to the
 * whole scope. So a route that has hooks of which nobody knows what they do is captured as well,
 * and answers in the vendor's shape once a guard has run. Handlers may call it, too: routes without
 * hooks are captured where no guard shows on any route, and on trial where some do. Every other
 * route is left alone.
 */
export function installVendor<Input, Decorator> (
  app: FastifyInstance,
  {
    settings,
    scheme,
    sample,
    decorator,
    guards,
    replyTo,
    bodyLimit = 65_536,
    describe = plain(settings)
  }: Installation<Input, Decorator>
): void {
  const { vendor, as, replay, window } = settings
  if (app.hasDecorator(as)) {
    throw new OptionInvalid(
      vendor,
      `app.${as} already exists: give a second account a name of its own, with the ` +
        'option "as"'
    )
  }
  selfCheck(settings, scheme, sample)
  warnOfSiblings(app, settings, replay?.store, 'replays')
  for (const guard of guards) markVerifyHook(guard.hook)
  const [{ hook: verify, readsBody }] = guards
  const mayReadBody = guards.some(guard => guard.readsBody)
  setFailureHandler(settings, createFailureHandler(vendor, replyTo))
  if (!app.hasRequestDecorator('verification')) app.decorateRequest('verification', null)
  app.decorate(as, decorator as never)
  if (replay !== undefined) watchReplies(app)
  if (mayReadBody) tryNotFoundHandlers(app)
  // Fastify writes down its default, too.
  const most = app.initialConfig.bodyLimit as number
  let showsGuard = false
  onEachRoute(app, (route, scope) => {
    const config = route.config?.contactCenter
    const found = guards.filter(({ hook }) => slotOf(route, hook) !== undefined)
    for (const guard of found) assertPlace(route, guard)
    if (config?.capture === false) assertNoneReads(route, found)
    if (found.length > 0) assertCompilers(vendor, route, scope)
    const isOurs = found.length > 0 || config?.replies === as
    if (isOurs) {
      ownFailures(route, settings)
      writeLiteralsAsGiven(route)
    }
    decideLate(
      route,
      'errorHandler',
      own => own ?? (isOurs || mayHideGuard(route, scope, slots) ? answerInVendorsShape : undefined)
    )
    if (mayReadBody && config?.capture !== false && mayHaveBody(route)) {
      const isRead = config?.capture === true || found.some(guard => guard.readsBody)
      // Who raises the limit streams uploads, which must not be held in memory.
      const isSmall = (route.bodyLimit ?? most) <= most
      const isDeclaring = untilNextTick()
      showsGuard ||= isRead
      decideLate(route, 'preParsing', own => {
        const isCaptured = isRead || mayHideGuard(route, scope, slotsAfterTheBody)
        showsGuard ||= isCaptured
        if (isCaptured) return withCapture(own, captureBody)
        if (!isSmall || isDeclaring()) return own
        return withCapture(own, showsGuard ? createTrial() : captureBody)
      })
    }
    if (found.some(guard => guard.readsBody)) {
      // An app with less of its own keeps it.
      route.bodyLimit ??= Math.min(bodyLimit, most)
    }
    for (const { afterValidation } of config?.capture === true ? guards : found) {
      if (afterValidation !== undefined) prependCheck(route, afterValidation)
    }
    if (slotOf(route, verify) !== undefined) {
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

  function assertNoneReads ({ method, url }: RouteOptions, found: readonly InstalledGuard[]) {
    const reader = found.find(guard => guard.readsBody)
    if (reader === undefined) return
    throw new OptionInvalid(
      vendor,
      `route ${String(method)} ${url}: app.${as}.${reader.name} needs the body: remove ` +
        '"capture: false"'
    )
  }

  function assertPlace (
    route: RouteOptions,
    { name, hook, readsBody, assertRoute }: InstalledGuard
  ) {
    const slot = slotOf(route, hook)
    if (readsBody && slotsBeforeTheBody.some(early => early === slot)) {
      const what = name === 'verify' ? 'covers' : 'reads'
      throw new OptionInvalid(
        vendor,
        `route ${String(route.method)} ${route.url}: app.${as}.${name} ${what} the body, so ` +
          `put it in preValidation or preHandler, not in ${slot}`
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
function slotOf (route: RouteOptions, hook: object): Slot | undefined {
  return slots.find(slot => hooksOf(slot, route).includes(hook))
}

function mayHaveBody ({ method }: RouteOptions): boolean {
  return [method].flat().some(one => !withoutBody.includes(one.toUpperCase()))
}

/** Whether a hook stands in one of these slots that may call a guard. */
function mayHideGuard (
  route: RouteOptions,
  scope: FastifyInstance,
  where: readonly Slot[]
): boolean {
  return !canSeeHooksOf(scope) ||
    where.some(slot => !hooksOf(slot, route, scope).every(isCapture))
}

/** True in this turn of the loop, in which further routes are declared. */
function untilNextTick (): () => boolean {
  let isNow = true
  process.nextTick(() => {
    isNow = false
  })
  return () => isNow
}

/** First, so that no other hook comes before us; once, where several accounts share a route. */
function withCapture (
  own: RouteOptions['preParsing'],
  capture: preParsingHookHandler
): RouteOptions['preParsing'] {
  const hooks = [own ?? []].flat()
  return hooks.some(({ name }) => name === capture.name) ? own : [capture, ...hooks]
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
