import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { FailureHandler } from './failure.ts'
import type { Settings } from './options.ts'

/** The vendor plugin that answers the failures of a request, or of every request of a route. */
const kOwner = Symbol('fastify-contact-center.owner')

interface Owned {
  [kOwner]?: Settings
}

/** The failure handler of each plugin, by its settings. */
const failureHandlers = new WeakMap<Settings, FailureHandler>()

/** Sets the function that answers the failures that this plugin owns. */
export function setFailureHandler (settings: Settings, handler: FailureHandler): void {
  failureHandlers.set(settings, handler)
}

/** Makes the plugin answer all failures of the route, even those before its guard runs. */
export function setFailureOwner (route: RouteOptions, settings: Settings): void {
  // Fastify copies the config of a route, symbols and all.
  route.config = { [kOwner]: settings, ...route.config } as NonNullable<RouteOptions['config']>
}

/**
 * Records that a guard of the plugin runs on this request, so that the plugin answers its failures
 * from now on. The same holds for later requests of the route, because a malformed body is refused
 * before any guard.
 */
export function enterGuard (request: FastifyRequest, settings: Settings): void {
  ;(request as Owned)[kOwner] = settings
  const config = request.routeOptions?.config as Owned | undefined
  if (config !== undefined) config[kOwner] ??= settings
}

/**
 * An error handler for every route of a scope. It answers in the vendor's shape if a guard owns the
 * request. Otherwise the app's own handler answers, as if this one did not exist.
 */
export function answerInVendorsShape (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply
): unknown {
  const { [kOwner]: owner = (request as Owned)[kOwner] } = request.routeOptions.config as Owned
  const handler = owner && failureHandlers.get(owner)
  if (handler !== undefined) return handler(error, request, reply)
  // Fastify passes an error that a handler throws to the next handler. Any other value, such as
  // `{ statusCode: 404 }`, it would send as the reply of a request that succeeded.
  if (error instanceof Error) throw error
  return request.server.errorHandler(error, request, reply)
}
