import type { FastifyInstance, onRouteHookHandler, RouteOptions } from 'fastify'

/** The places in which a hook that guards a route may stand. */
export const slots = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const
export type Slot = typeof slots[number]

/** As the `onRoute` hook gets it: with the scope that the route is declared in. */
export type SeeRoute = (route: RouteOptions, scope: FastifyInstance) => void

/**
 * Looks at each route that is declared from now on in this scope and below. Before other plugins'
 * `onRoute` hooks, some of which put wrappers in place of a route's hooks (tracers do): so the
 * hooks are seen as they were written. Where Fastify's table of hooks cannot be reached, it looks
 * in its turn, as any `onRoute` hook.
 */
export function onEachRoute (app: FastifyInstance, see: SeeRoute): void {
  const hook: onRouteHookHandler = function seeRoute (this: FastifyInstance, route) {
    see(route, this)
  }
  app.addHook('onRoute', hook)
  const all = hookTableOf(app)?.onRoute
  if (all?.at(-1) === hook) all.unshift(...all.splice(-1))
}

/** The hooks in a slot: the route's own and, where the scope is given, those that it has by now. */
export function hooksOf (slot: Slot, route: RouteOptions, scope?: FastifyInstance): object[] {
  const table = scope && hookTableOf(scope)
  return [table?.[slot] ?? [], route[slot] ?? []].flat() as object[]
}

/** Whether hooks that were added to the whole scope can be seen. */
export function canSeeHooksOf (scope: FastifyInstance): boolean {
  return hookTableOf(scope) !== undefined
}

/**
 * Leaves a setting of a route open until Fastify reads it, which is when the hooks of its scope are
 * known. What others set meanwhile is taken into account.
 */
export function decideLate<Name extends 'errorHandler' | 'preParsing'> (
  route: RouteOptions,
  name: Name,
  decide: (own: RouteOptions[Name]) => RouteOptions[Name]
): void {
  const before = Object.getOwnPropertyDescriptor(route, name)
  let own = route[name]
  Object.defineProperty(route, name, {
    enumerable: true,
    configurable: true,
    get: () => {
      // Where several plugins leave it open, each adds to what the one before decides.
      const sofar = before?.get === undefined ? own : before.get() as RouteOptions[Name]
      const decided = decide(sofar)
      // Kept, because others push hooks into the very list that they are given.
      if (decided !== sofar) {
        own = decided
        before?.set?.(decided)
      }
      return decided
    },
    set: (value: RouteOptions[Name]) => {
      own = value
      before?.set?.(value)
    }
  })
}

type HookTable = Partial<Record<Slot | 'onRoute', unknown[]>>

/** Fastify's own table of a scope's hooks. Nothing that has to be right depends on it. */
function hookTableOf (app: FastifyInstance): HookTable | undefined {
  for (let scope: object | null = app; scope !== null; scope = Object.getPrototypeOf(scope)) {
    const symbol = Object.getOwnPropertySymbols(scope).find(one =>
      one.description === 'fastify.hooks'
    )
    if (symbol !== undefined) return (scope as Record<symbol, HookTable>)[symbol]
  }
  return undefined
}
