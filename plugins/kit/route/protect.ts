import type { FastifyInstance, RouteOptions } from 'fastify'
import { OptionInvalid } from '../errors.ts'

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
 * Makes the app refuse to start when a route of this scope, declared after this call,
 * carries no verify hook. A route that hides its hook says so with
 * `config: { contactCenter: { capture: true } }`.
 * @throws {OptionInvalid} from `app.ready()`, naming every open route
 */
export function assertProtected (app: FastifyInstance, { except = [] }: ProtectOptions = {}): void {
  const open: string[] = []
  app.addHook('onRoute', (route) => {
    if (isProtected(route)) return
    for (const method of [route.method].flat()) {
      if (!except.includes(route.url) && !except.includes(`${method} ${route.url}`)) {
        open.push(`${method} ${route.url}`)
      }
    }
  })
  app.addHook('onReady', async () => {
    if (open.length > 0) {
      throw new OptionInvalid('assertProtected', `no verify hook on ${open.join(', ')}`)
    }
  })
}

function isProtected (route: RouteOptions): boolean {
  if (route.config?.contactCenter?.capture === true) return true
  return [route.onRequest, route.preParsing, route.preValidation, route.preHandler].flat().some(
    hook => hook !== undefined && verifyHooks.has(hook)
  )
}
