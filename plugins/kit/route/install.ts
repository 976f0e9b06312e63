import type { FastifyInstance, RouteOptions } from 'fastify'
import { captureBody } from './capture.ts'
import { OptionInvalid } from '../errors.ts'
import { createFailureHandler, type Failure, type FailureReply } from './failure.ts'
import type { Settings } from './options.ts'
import { markVerifyHook } from './protect.ts'
import { watchReplies } from './claims.ts'
import { type DescribeRoute, documentRoute } from './open-api.ts'
import type { Scheme } from '../scheme.ts'
import { warnOfSiblings } from './siblings.ts'
import type { Verification, VerifyHook } from './verify.ts'

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
  readonly scheme: Scheme<Input>
  /** Any input that can be signed: each configured key signs and verifies it at boot. */
  readonly sample: Input
  /** Put on the app under the name in the settings. */
  readonly decorator: Decorator & { readonly verify: VerifyHook }
  /** Whether the signature covers the body. */
  readonly capture: boolean
  readonly replyTo: (failure: Failure) => FailureReply
  /**
   * What an OpenAPI document says of a signed route; without it, only that it is signed, and how it
   * fails.
   */
  readonly describe?: DescribeRoute
}

const slotsBeforeTheBody = ['onRequest', 'preParsing'] as const
const slots = [...slotsBeforeTheBody, 'preValidation', 'preHandler'] as const

/**
 * Decorates the app, and watches routes: one that carries the verify hook gets body
 * capture, the vendor's failure replies and its place in OpenAPI documents. Every other
 * route is left alone, but for a look at its replies where requests are remembered.
 */
export function installVendor<Input, Decorator> (
  app: FastifyInstance,
  { settings, scheme, sample, decorator, capture, replyTo, describe = plain(settings) }:
    Installation<Input, Decorator>
): void {
  const { vendor, as, replay, window } = settings
  selfCheck(settings, scheme, sample)
  warnOfSiblings(app, settings, replay?.store, 'replays')
  markVerifyHook(decorator.verify)
  const failureHandler = createFailureHandler(vendor, replyTo)
  if (!app.hasRequestDecorator('verification')) app.decorateRequest('verification', null)
  app.decorate(as, decorator as never)
  if (replay !== undefined) watchReplies(app)
  app.addHook('onRoute', (route) => {
    const config = route.config?.contactCenter
    const slot = slots.find(name => hooksOf(route, name).includes(decorator.verify))
    if (slot !== undefined && capture && slotsBeforeTheBody.some(early => early === slot)) {
      throw new OptionInvalid(
        vendor,
        `route ${
          String(route.method)
        } ${route.url}: app.${as}.verify covers the body and so must stand in preValidation or preHandler, not in ${slot}`
      )
    }
    if ((slot !== undefined && capture) || config?.capture === true) prependCapture(route)
    if (slot !== undefined || config?.replies === as) route.errorHandler ??= failureHandler
    if (slot !== undefined) {
      documentRoute(route, {
        as,
        describe,
        replyTo,
        capture,
        hasWindow: window !== undefined,
        hasReplay: replay !== undefined
      })
    }
  })
}

/** A key that cannot sign and verify is found at boot, and not by the first customer. */
function selfCheck<Input> ({ vendor, keys }: Settings, scheme: Scheme<Input>, sample: Input): void {
  for (const { id, secret } of keys.all ?? []) {
    let verifies: boolean
    try {
      verifies = scheme.verify(sample, scheme.sign(sample, secret), secret)
    } catch (error) {
      throw new OptionInvalid(vendor, `key "${id}" cannot sign: ${(error as Error).message}`)
    }
    if (!verifies) throw new OptionInvalid(vendor, `key "${id}" does not verify what it signs`)
  }
}

function hooksOf (route: RouteOptions, name: typeof slots[number]): unknown[] {
  return [route[name] ?? []].flat()
}

/** First, so that no other hook comes before us; once, where several accounts share a route. */
function prependCapture (route: RouteOptions): void {
  const hooks = [route.preParsing ?? []].flat()
  if (!hooks.includes(captureBody)) route.preParsing = [captureBody, ...hooks]
}

function plain ({ vendor }: Settings): DescribeRoute {
  return () => ({
    security: { type: 'http', scheme: vendor, description: `Signed as ${vendor} signs` },
    parts: {},
    example: {},
    failure: {}
  })
}
