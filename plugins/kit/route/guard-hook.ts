import type { FastifyRequest } from 'fastify'
import { refuseInputErrors } from '../errors.ts'
import { continueWith, type MaybePromise } from './maybe-promise.ts'
import type { Settings } from './options.ts'
import { publishOutcome } from './outcomes.ts'
import { createHook, type VerifyHook } from './verify.ts'

/**
 * Makes the hook of an additional guard. `check` throws to refuse the request; an `InputError`
 * becomes an `InputRefused`, as in a vendor's `read`.
 */
export function createGuardHook (
  settings: Settings,
  check: (request: FastifyRequest) => MaybePromise<void>
): VerifyHook {
  return createHook(settings, request => {
    const outcome = publishOutcome(settings, () => refuseInputErrors(() => check(request)))
    return continueWith(outcome, () => true as const)
  })
}
