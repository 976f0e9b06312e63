import type {
  FastifyInstance,
  FastifyRequest,
  preHandlerHookHandler,
  preParsingHookHandler,
  RouteOptions
} from 'fastify'
import { captureBody } from './capture.ts'
import { assertCompilers } from './compilers.ts'
import { OptionInvalid } from '../errors.ts'
import { createFailureHandler, type Failure, type FailureReply } from './failure.ts'
import type { Settings } from './options.ts'
import { answerInVendorsShape, setFailureOwner, setFailureHandler } from './failure-owner.ts'
import { markVerifyHook } from './protect.ts'
import {
  canSeeHooksOf,
  deferSetting,
  hooksOf,
  onEachRoute,
  type Slot,
  slots
} from './route-hooks.ts'
import { isThenable, type MaybePromise } from './maybe-promise.ts'
import { watchReplies } from './claims.ts'
import { type DescribeRoute, documentRoute } from './openapi.ts'
import { writeLiteralsAsGiven } from './response-literals.ts'
import type { Scheme, Verifier } from '../scheme.ts'
import { warnOfSiblings } from './siblings.ts'
import { createTrial, isCapture, tryNotFoundHandlers } from './trial-capture.ts'
import { toError, type Verification } from './verify.ts'

/** Settings of a route whose guard `onRoute` cannot see. */
export interface ContactCenterRouteConfig {
  /**
   * True if the route has a guard that cannot be seen, as when its handler calls `verify`. False
   * disables the capture of its body, for streamed uploads.
   */
  readonly capture?: boolean
  /** The decorator of the plugin that answers the failures of this route. */
  readonly replies?: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by a vendor's `verify` hook on success. Null before that, and after a failure. */
    verification: Verification | null
  }
  interface FastifyContextConfig {
    contactCenter?: ContactCenterRouteConfig
  }
}

/** The parts of a vendor plugin that {@link installVendor} puts together. */
export interface Installation<Input, Decorator> {
  /** The vendor plugin's settings, as `readCommonOptions` gives them. */
  readonly settings: Settings
  readonly scheme: Verifier<Input>
  /** A valid input, which each configured key signs and verifies at boot. */
  readonly sample?: Input | undefined
  /** The decorator of the app, under the name in the settings. */
  readonly decorator: Decorator
  /** The hooks that protect a route. The first one verifies the signature. */
  readonly guards: readonly [InstalledGuard, ...InstalledGuard[]]
  /** Writes a failure with the vendor's status and in its shape. */
  readonly replyTo: (failure: Failure) => FailureReply
  /** The body limit in bytes of signed routes that set none. Default 65536. */
  readonly bodyLimit?: number | undefined
  /**
   * Describes a signed route for OpenAPI documents. Default: only that it is signed, and its
   * failures.
   */
  readonly describe?: DescribeRoute | undefined
}

/** A hook that protects a route. */
export interface InstalledGuard {
  /** Its name on the decorator. */
  readonly name: string
  readonly hook: object
  /** Whether it reads the body, which must then be captured. */
  readonly readsBody: boolean
  /** Refuses, at boot, a route on which the hook cannot work. */
  readonly assertRoute?: ((route: RouteOptions) => void) | undefined
  /** Runs after validation on each route with the hook. */
  readonly afterValidation?: ((request: FastifyRequest) => MaybePromise<void>) | undefined
}

const slotsBeforeBody: readonly Slot[] = ['onRequest', 'preParsing']
const slotsAfterBody: readonly Slot[] = ['preValidation', 'preHandler']
const bodylessMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * Decorates the app and watches its routes. A route with a visible guard gets body capture, the
 * vendor's failure replies, a body limit and, if the guard verifies the signature, a description
 * for OpenAPI documents.
 *
 * A guard may also be hidden: wrapped, bound, called by another function, or added to the whole
 * scope. So a route with any unknown hook is captured too, and answers in the vendor's shape once a
 * guard has run. Handlers may call a guard as well: routes without hooks are captured if no route
 * has a visible guard, and on trial if some have. All other routes stay unchanged.
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
    describe = defaultDescription(settings)
  }: Installation<Input, Decorator>
): void {
  const { vendor, as, replay, window } = settings
  if (app.hasDecorator(as)) {
    throw new OptionInvalid(
      vendor,
      `app.${as} already exists: name the decorator of a second account with the option "as"`
    )
  }
  assertKeysWork(settings, scheme, sample)
  warnOfSiblings(app, settings, replay?.store, 'replays')
  for (const guard of guards) markVerifyHook(guard.hook)
  const [{ hook: verify, readsBody }] = guards
  const mayReadBody = guards.some(guard => guard.readsBody)
  setFailureHandler(settings, createFailureHandler(vendor, replyTo))
  if (!app.hasRequestDecorator('verification')) app.decorateRequest('verification', null)
  app.decorate(as, decorator as never)
  if (replay !== undefined) watchReplies(app)
  if (mayReadBody) tryNotFoundHandlers(app)
  // Set by Fastify even if it is the default.
  const appBodyLimit = app.initialConfig.bodyLimit as number
  let hasVisibleGuard = false
  onEachRoute(app, (route, scope) => {
    const config = route.config?.contactCenter
    const routeGuards = guards.filter(({ hook }) => slotOf(route, hook) !== undefined)
    for (const guard of routeGuards) assertPlace(route, guard)
    if (config?.capture === false) assertNoBodyReader(route, routeGuards)
    if (routeGuards.length > 0) assertCompilers(vendor, route, scope)
    const isVendorRoute = routeGuards.length > 0 || config?.replies === as
    if (isVendorRoute) {
      setFailureOwner(route, settings)
      writeLiteralsAsGiven(route)
    }
    deferSetting(
      route,
      'errorHandler',
      current =>
        current ??
          (isVendorRoute || mayHideGuard(route, scope, slots) ? answerInVendorsShape : undefined)
    )
    if (mayReadBody && config?.capture !== false && mayHaveBody(route)) {
      const isBodyRead = config?.capture === true || routeGuards.some(guard => guard.readsBody)
      // A raised limit means streamed uploads, which must not be held in memory.
      const hasUsualLimit = (route.bodyLimit ?? appBodyLimit) <= appBodyLimit
      const isDeclaring = untilNextTick()
      hasVisibleGuard ||= isBodyRead
      deferSetting(route, 'preParsing', current => {
        const isCaptured = isBodyRead || mayHideGuard(route, scope, slotsAfterBody)
        hasVisibleGuard ||= isCaptured
        if (isCaptured) return withCapture(current, captureBody)
        if (!hasUsualLimit || isDeclaring()) return current
        return withCapture(current, hasVisibleGuard ? createTrial() : captureBody)
      })
    }
    if (routeGuards.some(guard => guard.readsBody)) {
      // A lower limit of the app is kept.
      route.bodyLimit ??= Math.min(bodyLimit, appBodyLimit)
    }
    for (const { afterValidation } of config?.capture === true ? guards : routeGuards) {
      if (afterValidation !== undefined) prependCheck(route, afterValidation)
    }
    if (slotOf(route, verify) !== undefined) {
      documentRoute(route, {
        as,
        describeSchema: describe,
        replyTo,
        capture: readsBody,
        hasWindow: window !== undefined,
        hasReplay: replay !== undefined
      })
    }
  })

  function assertNoBodyReader (
    { method, url }: RouteOptions,
    routeGuards: readonly InstalledGuard[]
  ) {
    const reader = routeGuards.find(guard => guard.readsBody)
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
    if (readsBody && slotsBeforeBody.some(earlySlot => earlySlot === slot)) {
      const verb = name === 'verify' ? 'covers' : 'reads'
      throw new OptionInvalid(
        vendor,
        `route ${String(route.method)} ${route.url}: app.${as}.${name} ${verb} the body, so ` +
          `put it in preValidation or preHandler, not in ${slot}`
      )
    }
    assertRoute?.(route)
  }
}

/**
 * Finds a key that cannot sign and verify at boot rather than with the first customer. If only the
 * vendor can sign, there is no more to check than that the key was parsed.
 */
function assertKeysWork<Input> (
  { vendor, keys }: Settings,
  scheme: Verifier<Input>,
  sample: Input | undefined
): void {
  if (!('sign' in scheme) || sample === undefined) return
  const { sign } = scheme as Scheme<Input>
  for (const { id, secret, parsed } of keys.all ?? []) {
    let verifies: unknown
    try {
      verifies = scheme.verify(sample, sign.call(scheme, sample, secret, parsed), secret, parsed)
    } catch (error) {
      throw new OptionInvalid(vendor, `key "${id}" cannot sign: ${(error as Error).message}`)
    }
    if (typeof verifies !== 'boolean') {
      throw new OptionInvalid(vendor, "the scheme's verify must return true or false at once")
    }
    if (!verifies) throw new OptionInvalid(vendor, `key "${id}" does not verify what it signs`)
  }
}

/** The slot of the route that has the hook. */
function slotOf (route: RouteOptions, hook: object): Slot | undefined {
  return slots.find(slot => hooksOf(slot, route).includes(hook))
}

function mayHaveBody ({ method }: RouteOptions): boolean {
  return [method].flat().some(name => !bodylessMethods.includes(name.toUpperCase()))
}

/** Whether one of these slots has a hook that may call a guard. */
function mayHideGuard (
  route: RouteOptions,
  scope: FastifyInstance,
  slotsToSearch: readonly Slot[]
): boolean {
  return !canSeeHooksOf(scope) ||
    slotsToSearch.some(slot => !hooksOf(slot, route, scope).every(isCapture))
}

/** True for the rest of this turn of the loop, in which more routes may be declared. */
function untilNextTick (): () => boolean {
  let isSameTick = true
  process.nextTick(() => {
    isSameTick = false
  })
  return () => isSameTick
}

/** Puts the capture before all other hooks, once even if several accounts share the route. */
function withCapture (
  current: RouteOptions['preParsing'],
  capture: preParsingHookHandler
): RouteOptions['preParsing'] {
  const hooks = [current ?? []].flat()
  return hooks.some(({ name }) => name === capture.name) ? current : [capture, ...hooks]
}

function prependCheck (
  route: RouteOptions,
  check: (request: FastifyRequest) => MaybePromise<void>
): void {
  // A callback, because a promise would cost each request more than the check.
  const hook: preHandlerHookHandler = (request, _reply, done) => {
    let pending: MaybePromise<void>
    try {
      pending = check(request)
    } catch (error) {
      done(toError(error))
      return
    }
    if (isThenable(pending)) {
      Promise.resolve(pending).then(() => done(), (error: unknown) => done(toError(error)))
    } else done()
  }
  route.preHandler = [hook, ...[route.preHandler ?? []].flat()]
}

function defaultDescription ({ vendor }: Settings): DescribeRoute {
  return () => ({
    security: { type: 'http', scheme: vendor, description: `Signed as ${vendor} signs` },
    parts: {},
    example: {},
    failure: {}
  })
}
