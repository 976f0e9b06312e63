import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify'
import {
  captureFirst,
  type NotFoundContext,
  notFoundContextOf,
  stopCapturing
} from './adopt-route.ts'
import { captureBody, isBodyRequested } from './capture.ts'

/** After so many consecutive replies without a guard, the route is known to have none. */
const trialReplies = 10

/** A `preParsing` hook with a callback. */
export interface TrialHook {
  (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: RequestPayload,
    done: (error?: Error) => void
  ): void
}

/**
 * A `preParsing` hook for a route without a visible guard, in an app where other routes have
 * visible ones: its handler may call a guard. The first bodies are captured, so that the first
 * genuine request is verified. Once a guard has asked for one, all are captured. If the route
 * answers without a guard, its capture ends.
 */
export function createTrial (): TrialHook {
  let isRequested = false
  let unguardedReplies = 0
  return function captureOnTrial (request, reply, payload, done) {
    if (unguardedReplies >= trialReplies) {
      stopCapturing(request, captureOnTrial.name)
      done()
      return
    }
    if (!isRequested) {
      reply.raw.once('finish', () => {
        isRequested ||= isBodyRequested(request)
        // A refused request, such as a scanner's, may not have reached the guard.
        if (!isRequested && (reply.statusCode < 400 || reply.statusCode === 404)) unguardedReplies++
      })
    }
    captureBody(request, reply, payload, done)
  }
}

/** Whether this is a capture hook, which cannot hide a guard. */
export function isCapture (hook: object): boolean {
  return hook === captureBody || (hook as { name?: unknown }).name === 'captureOnTrial'
}

/**
 * Captures on trial for handlers of unknown addresses. They are not routes, so no `onRoute` hook
 * sees them, but the hooks of their scope and their own may call a guard.
 */
export function tryNotFoundHandlers (app: FastifyInstance): void {
  const scopes = [app]
  app.addHook('onRegister', scope => {
    scopes.push(scope)
  })
  app.addHook('onReady', async () => {
    for (const scope of scopes) {
      const context = notFoundContextOf(scope)
      if (context === undefined || hasNoGuard(context)) continue
      captureFirst(context, createTrial())
    }
  })
}

/** True for Fastify's own handler without hooks that may call a guard. */
function hasNoGuard ({ handler, preValidation, preHandler }: NotFoundContext): boolean {
  return handler.name === 'basic404' && preValidation === null && preHandler === null
}
