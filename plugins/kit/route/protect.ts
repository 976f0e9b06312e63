import type { FastifyInstance, RouteOptions } from 'fastify'
import { OptionInvalid } from '../errors.ts'
import { hooksOf, onEachRoute, slots } from './route-hooks.ts'

/** The hooks of all guards, of every vendor and account. */
const verifyHooks = new WeakSet<object>()

/** Marks a hook as a guard. */
export function markVerifyHook (hook: object): void {
  verifyHooks.add(hook)
}

/** The options of {@link assertProtected}. */
export interface ProtectOptions {
  /** Routes that may be unprotected: `/health`, or `GET /health` for one method. */
  except?: readonly string[]
}

/**
 * Makes the app refuse to start if a route of this scope, declared after this call, has no verify
 * hook, neither of its own nor of its scope. If another function calls the hook, so that it cannot
 * be seen, set `config: { contactCenter: { capture: true } }` on the route.
 * @throws {OptionInvalid} from `app.ready()`, naming every unprotected route
 */
export function assertProtected (app: FastifyInstance, { except = [] }: ProtectOptions = {}): void {
  const routes: Array<{ route: RouteOptions, scope: FastifyInstance, hasHook: boolean }> = []
  onEachRoute(app, (route, scope) => {
    // Now, before another plugin may wrap the hook.
    routes.push({ route, scope, hasHook: isProtected(route) })
  })
  app.addHook('onReady', async () => {
    const unprotected: string[] = []
    for (const { route, scope, hasHook } of routes) {
      // Again, because hooks of the scope may have been added after its routes.
      if (hasHook || isProtected(route, scope)) continue
      for (const method of [route.method].flat()) {
        if (except.includes(route.url) || except.includes(`${method} ${route.url}`)) continue
        unprotected.push(`${method} ${route.url}${hintFor(route)}`)
      }
    }
    if (unprotected.length > 0) {
      throw new OptionInvalid(
        'assertProtected',
        `no verify hook on ${
          unprotected.join(', ')
        }. If another function or plugin wraps a route's ` +
          'hook, add to that route: config: { contactCenter: { capture: true } }'
      )
    }
  })
}

function isProtected (route: RouteOptions, scope?: FastifyInstance): boolean {
  if (route.config?.contactCenter?.capture === true) return true
  return slots.some(slot => hooksOf(slot, route, scope).some(hook => verifyHooks.has(hook)))
}

/** A slot set to undefined usually means that the decorator did not exist yet. */
function hintFor (route: RouteOptions): string {
  const undefinedSlot = (['preValidation', 'preHandler', 'onRequest'] as const).find(slot =>
    slot in route && (route[slot] ?? undefined) === undefined
  )
  return undefinedSlot === undefined
    ? ''
    : ` (its ${undefinedSlot} is undefined: was the vendor's plugin awaited?)`
}
