import type { FastifyRequest } from 'fastify'
import { refuseInputErrors } from '../errors.ts'
import { after, type MaybePromise } from './maybe-promise.ts'
import type { Settings } from './options.ts'
import { publishOutcome } from './outcomes.ts'
import { asHook, type VerifyHook } from './verify.ts'

/**
 * The hook of a guard that is not the signature's. `check` throws unless the request may pass; an
 * `InputError` becomes an `InputRefused`, as in a vendor's `read`.
 */
export function createGuardHook (
  settings: Settings,
  check: (request: FastifyRequest) => MaybePromise<void>
): VerifyHook {
  return asHook(settings, request => {
    const outcome = publishOutcome(settings, () => refuseInputErrors(() => check(request)))
    return after(outcome, () => true as const)
  })
}
