import type { FastifyInstance, RouteOptions } from 'fastify'
import { OptionInvalid } from '../errors.ts'
import { hooksOf, onEachRoute, slots } from './see-routes.ts'

/** The hooks that verify something, of every vendor and account. */
const verifyHooks = new WeakSet<object>()

/** Marks a hook as one that protects a route. */
export function markVerifyHook (hook: object): void {
  verifyHooks.add(hook)
}

export interface ProtectOptions {
  /** Routes that may stand open: `/health`, or `GET /health` for one method. */
  except?: readonly string[]
}

/**
 * Makes the app refuse to start when a route of this scope, declared after this call, carries no
 * verify hook, neither by itself nor through its scope. A route whose hook cannot be seen, because
 * another function calls it, says so with `config: { contactCenter: { capture: true } }`.
 * @throws {OptionInvalid} from `app.ready()`, naming every open route
 */
export function assertProtected (app: FastifyInstance, { except = [] }: ProtectOptions = {}): void {
  const routes: Array<{ route: RouteOptions, scope: FastifyInstance, seen: boolean }> = []
  onEachRoute(app, (route, scope) => {
    // Now, because another plugin may put a wrapper in its place.
    routes.push({ route, scope, seen: isProtected(route) })
  })
  app.addHook('onReady', async () => {
    const open: string[] = []
    for (const { route, scope, seen } of routes) {
      // And once more, because hooks of the scope may be added after its routes.
      if (seen || isProtected(route, scope)) continue
      for (const method of [route.method].flat()) {
        if (except.includes(route.url) || except.includes(`${method} ${route.url}`)) continue
        open.push(`${method} ${route.url}${hintFor(route)}`)
      }
    }
    if (open.length > 0) {
      throw new OptionInvalid(
        'assertProtected',
        `no verify hook on ${open.join(', ')}. If another function or plugin wraps a route's ` +
          'hook, add to that route: config: { contactCenter: { capture: true } }'
      )
    }
  })
}

function isProtected (route: RouteOptions, scope?: FastifyInstance): boolean {
  if (route.config?.contactCenter?.capture === true) return true
  return slots.some(slot => hooksOf(slot, route, scope).some(hook => verifyHooks.has(hook)))
}

/** A slot that is named and empty is most often a decorator that was not there yet. */
function hintFor (route: RouteOptions): string {
  const empty = (['preValidation', 'preHandler', 'onRequest'] as const).find(slot =>
    slot in route && (route[slot] ?? undefined) === undefined
  )
  return empty === undefined ? '' : ` (its ${empty} is undefined: was the vendor's plugin awaited?)`
}
