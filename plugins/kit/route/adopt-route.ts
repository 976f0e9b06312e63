import type { FastifyRequest } from 'fastify'
import { answerInVendorsShape } from './guarded.ts'
import { assertLiterals } from './response-literals.ts'

/** What Fastify keeps of a route while it serves. */
interface RouteContext {
  preParsing: unknown[] | null
  preSerialization: unknown[] | null
  errorHandler: { readonly func?: unknown }
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
  context.preParsing = [captureBody, ...context.preParsing ?? []]
  return true
}

/** Nothing that has to be right depends on it: a later Fastify may hide it. */
function contextOf (request: FastifyRequest): RouteContext | undefined {
  const symbol = Object.getOwnPropertySymbols(request).find(one =>
    one.description === 'fastify.context'
  )
  return symbol && (request as unknown as Record<symbol, RouteContext>)[symbol]
}
