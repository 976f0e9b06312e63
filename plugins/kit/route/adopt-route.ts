import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerInVendorsShape } from './failure-owner.ts'
import { assertLiterals, mayHoldLiterals } from './response-literals.ts'

/** Fastify's own record of a route. */
interface RouteContext {
  preParsing: unknown[] | null
  preSerialization: unknown[] | null
  errorHandler: { readonly func?: unknown }
}

/** Its record of a handler for unknown addresses. */
export interface NotFoundContext extends RouteContext {
  readonly handler: { readonly name: string }
  readonly preValidation: unknown[] | null
  readonly preHandler: unknown[] | null
}

const kAdopted = Symbol('fastify-contact-center.adopted')

/**
 * Sets up a route when a guard first runs on it, if no guard was visible at boot, as when its
 * handler calls one. From then on failures are answered in the vendor's shape, unless the route has
 * an error handler of its own, and replies must match the literals of their schemas.
 */
export function adoptRoute (request: FastifyRequest): void {
  const config = request.routeOptions?.config as { [kAdopted]?: true } | undefined
  if (config === undefined || config[kAdopted] === true) return
  config[kAdopted] = true
  const context = contextOf(request)
  if (context === undefined) return
  if (context.errorHandler.func === request.server.errorHandler) {
    // As Fastify does it: the next handler in the chain is the prototype.
    context.errorHandler = Object.assign(Object.create(context.errorHandler) as object, {
      func: answerInVendorsShape
    })
  }
  if (mayHoldLiterals(request.routeOptions.schema?.response)) {
    context.preSerialization = [...context.preSerialization ?? [], assertLiterals]
  }
}

/** Captures the bodies of a route from its next request on. False if that is impossible. */
export function captureFromNowOn (request: FastifyRequest, captureBody: object): boolean {
  const context = contextOf(request)
  if (context === undefined || request.routeOptions.config.contactCenter?.capture === false) {
    return false
  }
  captureFirst(context, captureBody)
  return true
}

/** Captures the body before any other hook can read it. */
export function captureFirst (context: RouteContext, captureBody: object): void {
  context.preParsing = [captureBody, ...context.preParsing ?? []]
}

/** The route context of this scope's handler for unknown addresses. */
export function notFoundContextOf (scope: FastifyInstance): NotFoundContext | undefined {
  return ownValueOf(scope, 'fastify.404ContextKey') as NotFoundContext | undefined
}

/** Removes a hook from the route, by name, because Fastify has bound it. */
export function stopCapturing (request: FastifyRequest, name: string): void {
  const context = contextOf(request)
  if (context === undefined) return
  const otherHooks = (context.preParsing ?? []).filter(hook =>
    !(hook as { name: string }).name.endsWith(name)
  )
  context.preParsing = otherHooks.length > 0 ? otherHooks : null
}

/** Undefined if a later Fastify hides it. No security depends on it. */
function contextOf (request: FastifyRequest): RouteContext | undefined {
  return ownValueOf(request, 'fastify.context') as RouteContext | undefined
}

function ownValueOf (holder: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(holder).find(candidate =>
    candidate.description === description
  )
  return symbol && (holder as Record<symbol, unknown>)[symbol]
}
