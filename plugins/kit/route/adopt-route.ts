import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerInVendorsShape } from './guarded.ts'
import { assertLiterals } from './response-literals.ts'

/** What Fastify keeps of a route while it serves. */
interface RouteContext {
  preParsing: unknown[] | null
  preSerialization: unknown[] | null
  errorHandler: { readonly func?: unknown }
}

export interface NotFoundContext extends RouteContext {
  readonly handler: { readonly name: string }
  readonly preValidation: unknown[] | null
  readonly preHandler: unknown[] | null
}

const kAdopted = Symbol('fastify-contact-center.adopted')

/**
 * Called when a guard runs: gives a route on which none could be seen, such as one whose handler
 * calls it, what the others got at boot. Its failures are answered in the vendor's shape, unless it
 * has an error handler of its own. Replies are held to the literals of their schemas.
 */
export function adoptRoute (request: FastifyRequest): void {
  const config = request.routeOptions?.config as { [kAdopted]?: true } | undefined
  if (config === undefined || config[kAdopted] === true) return
  config[kAdopted] = true
  const context = contextOf(request)
  if (context === undefined) return
  if (context.errorHandler.func === request.server.errorHandler) {
    // As Fastify makes them: the next one in the chain is the prototype.
    context.errorHandler = Object.assign(Object.create(context.errorHandler) as object, {
      func: answerInVendorsShape
    })
  }
  if (request.routeOptions.schema?.response !== undefined) {
    context.preSerialization = [...context.preSerialization ?? [], assertLiterals]
  }
}

/** Keeps the bodies of a route from its next request on. False where that cannot be had. */
export function captureFromNowOn (request: FastifyRequest, captureBody: object): boolean {
  const context = contextOf(request)
  if (context === undefined || request.routeOptions.config.contactCenter?.capture === false) {
    return false
  }
  captureFirst(context, captureBody)
  return true
}

export function captureFirst (context: RouteContext, captureBody: object): void {
  context.preParsing = [captureBody, ...context.preParsing ?? []]
}

/** What answers for unknown addresses of this very scope. */
export function notFoundContextOf (scope: FastifyInstance): NotFoundContext | undefined {
  return ownValueOf(scope, 'fastify.404ContextKey') as NotFoundContext | undefined
}

/** Takes a hook off the route. Fastify has bound it, so it is known by its name. */
export function stopCapturing (request: FastifyRequest, name: string): void {
  const context = contextOf(request)
  if (context === undefined) return
  const others = (context.preParsing ?? []).filter(hook =>
    !(hook as { name: string }).name.endsWith(name)
  )
  context.preParsing = others.length > 0 ? others : null
}

/** Nothing that has to be right depends on it: a later Fastify may hide it. */
function contextOf (request: FastifyRequest): RouteContext | undefined {
  return ownValueOf(request, 'fastify.context') as RouteContext | undefined
}

function ownValueOf (holder: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(holder).find(one => one.description === description)
  return symbol && (holder as Record<symbol, unknown>)[symbol]
}
