import type { FastifyInstance, RouteOptions } from 'fastify'
import { captureBody } from './capture.ts'
import { OptionInvalid } from './errors.ts'
import { createFailureHandler, type Failure, type FailureReply } from './failure.ts'
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

export interface Installation<Decorator> {
  /** The vendor's name. */
  readonly vendor: string
  /** The name that the app is decorated with. */
  readonly as: string
  /** Put on the app under that name. */
  readonly decorator: Decorator & { readonly verify: (...args: never[]) => unknown }
  /** Whether the signature covers the body. */
  readonly capture: boolean
  readonly replyTo: (failure: Failure) => FailureReply
}

const slotsBeforeTheBody = ['onRequest', 'preParsing'] as const
const slots = [...slotsBeforeTheBody, 'preValidation', 'preHandler'] as const

/**
 * Decorates the app, and watches routes: one that carries the verify hook gets body
 * capture, the vendor's failure replies and an OpenAPI security entry; every other
 * route is left alone.
 */
export function installVendor<Decorator> (app: FastifyInstance, installation: Installation<Decorator>): void {
  const { vendor, as, decorator, capture, replyTo } = installation
  const failureHandler = createFailureHandler(vendor, replyTo)
  if (!app.hasRequestDecorator('verification')) app.decorateRequest('verification', null)
  app.decorate(as, decorator as never)
  app.addHook('onRoute', (route) => {
    const config = route.config?.contactCenter
    const slot = slots.find(name => hooksOf(route, name).includes(decorator.verify))
    if (slot !== undefined && capture && slotsBeforeTheBody.some(early => early === slot)) {
      throw new OptionInvalid(vendor, `route ${String(route.method)} ${route.url}: app.${as}.verify signs the body and so must stand in preValidation or preHandler, not in ${slot}`)
    }
    if ((slot !== undefined && capture) || config?.capture === true) addCapture(route)
    if (slot !== undefined || config?.replies === as) route.errorHandler ??= failureHandler
    if (slot !== undefined) addSecurity(route, as)
  })
}

function hooksOf (route: RouteOptions, name: typeof slots[number]): unknown[] {
  const hooks: unknown = route[name]
  return Array.isArray(hooks) ? hooks : hooks === undefined ? [] : [hooks]
}

function addCapture (route: RouteOptions): void {
  const hooks = hooksOf(route, 'preParsing')
  // First, so that no other hook can have read before us.
  if (!hooks.includes(captureBody)) route.preParsing = [captureBody, ...hooks as Array<typeof captureBody>]
}

/** OpenAPI lists the scheme by name; the key itself is never in a schema. */
function addSecurity (route: RouteOptions, as: string): void {
  const schema: Record<string, unknown> = { ...route.schema }
  schema['security'] ??= [{ [as]: [] }]
  route.schema = schema
}
