import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { FailureHandler } from './failure.ts'
import type { Settings } from './options.ts'

/** The vendor plugin whose guard answers for a request, or for every request of a route. */
const kOwner = Symbol('fastify-contact-center.owner')

interface Owned {
  [kOwner]?: Settings
}

/** How the plugin with these settings says a failure. */
const failureHandlers = new WeakMap<Settings, FailureHandler>()

export function setFailureHandler (settings: Settings, handler: FailureHandler): void {
  failureHandlers.set(settings, handler)
}

/** Says that failures of the route are this plugin's, whatever happens before its guard runs. */
export function ownFailures (route: RouteOptions, settings: Settings): void {
  // Fastify copies the config of a route, symbols and all.
  route.config = { [kOwner]: settings, ...route.config } as NonNullable<RouteOptions['config']>
}

/**
 * Notes that a guard of the plugin runs on this request: its failures are the plugin's from now on.
 * So are those of later requests of the route: a malformed body is refused before any guard.
 */
export function enterGuard (request: FastifyRequest, settings: Settings): void {
  ;(request as Owned)[kOwner] = settings
  const config = request.routeOptions?.config as Owned | undefined
  if (config !== undefined) config[kOwner] ??= settings
}

/**
 * An error handler for every route of a scope: in the vendor's shape where a guard answers for the
 * request, and to the app's own handler else, which Fastify asks next when one throws.
 */
export function answerInVendorsShape (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply
): void {
  const { [kOwner]: owner = (request as Owned)[kOwner] } = request.routeOptions.config as Owned
  const handler = owner && failureHandlers.get(owner)
  if (handler === undefined) throw error
  handler(error, request, reply)
}
