import type { FastifyInstance, onRouteHookHandler, RouteOptions } from 'fastify'

/** The slots of a route that may have a guard's hook. */
export const slots = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const
/** The name of such a slot. */
export type Slot = typeof slots[number]

/** Called for each route, with the scope in which it is declared. */
export type OnRoute = (route: RouteOptions, scope: FastifyInstance) => void

/**
 * Calls the function for each route that is declared from now on in this scope and below. It runs
 * before the `onRoute` hooks of other plugins, some of which wrap a route's hooks, as tracers do;
 * so it sees the original hooks. If Fastify's table of hooks cannot be reached, it runs in the
 * usual order.
 */
export function onEachRoute (app: FastifyInstance, callback: OnRoute): void {
  const hook: onRouteHookHandler = function seeRoute (this: FastifyInstance, route) {
    callback(route, this)
  }
  app.addHook('onRoute', hook)
  const routeHooks = hookTableOf(app)?.onRoute
  if (routeHooks?.at(-1) === hook) routeHooks.unshift(...routeHooks.splice(-1))
}

/** The hooks in a slot: the route's own and, given a scope, those that the scope has so far. */
export function hooksOf (slot: Slot, route: RouteOptions, scope?: FastifyInstance): object[] {
  const table = scope && hookTableOf(scope)
  return [table?.[slot] ?? [], route[slot] ?? []].flat() as object[]
}

/** Whether hooks that were added to the whole scope can be seen. */
export function canSeeHooksOf (scope: FastifyInstance): boolean {
  return hookTableOf(scope) !== undefined
}

/**
 * Defers a setting of a route until Fastify reads it, when the hooks of its scope are known. Values
 * that others set meanwhile are passed to `decide`.
 */
export function deferSetting<Name extends 'errorHandler' | 'preParsing'> (
  route: RouteOptions,
  name: Name,
  decide: (ownValue: RouteOptions[Name]) => RouteOptions[Name]
): void {
  const inherited = Object.getOwnPropertyDescriptor(route, name)
  let ownValue = route[name]
  Object.defineProperty(route, name, {
    enumerable: true,
    configurable: true,
    get: () => {
      // If several plugins defer it, each adds to the decision of the one before.
      const previous = inherited?.get === undefined
        ? ownValue
        : inherited.get() as RouteOptions[Name]
      const decision = decide(previous)
      // Stored, because others push hooks into the list that they read.
      if (decision !== previous) {
        ownValue = decision
        inherited?.set?.(decision)
      }
      return decision
    },
    set: (value: RouteOptions[Name]) => {
      ownValue = value
      inherited?.set?.(value)
    }
  })
}

type HookTable = Partial<Record<Slot | 'onRoute', unknown[]>>

/** Fastify's own table of a scope's hooks. No security depends on it. */
function hookTableOf (app: FastifyInstance): HookTable | undefined {
  for (let scope: object | null = app; scope !== null; scope = Object.getPrototypeOf(scope)) {
    const symbol = Object.getOwnPropertySymbols(scope).find(candidate =>
      candidate.description === 'fastify.hooks'
    )
    if (symbol !== undefined) return (scope as Record<symbol, HookTable>)[symbol]
  }
  return undefined
}
