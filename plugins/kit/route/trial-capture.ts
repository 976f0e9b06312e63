import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify'
import {
  captureFirst,
  type NotFoundContext,
  notFoundContextOf,
  stopCapturing
} from './adopt-route.ts'
import { captureBody, wasAskedFor } from './capture.ts'

/** As many replies without a guard, one after another, show that a route has none. */
const enough = 10

export interface TrialHook {
  (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: RequestPayload,
    done: (error?: Error) => void
  ): void
}

/**
 * A `preParsing` hook for a route on which no guard shows, beside others that show theirs: its
 * handler may call one. Its first bodies are kept, so that the first genuine request is verified;
 * once a guard has asked for one, all of them. A route that answers without asking is left alone
 * from then on.
 */
export function createTrial (): TrialHook {
  let isAsked = false
  let answered = 0
  return function captureOnTrial (request, reply, payload, done) {
    if (answered >= enough) {
      stopCapturing(request, captureOnTrial.name)
      done()
      return
    }
    if (!isAsked) {
      reply.raw.once('finish', () => {
        isAsked ||= wasAskedFor(request)
        // A refused request, such as a scanner's, may not have come as far as the guard.
        if (!isAsked && (reply.statusCode < 400 || reply.statusCode === 404)) answered++
      })
    }
    captureBody(request, reply, payload, done)
  }
}

/** Whether it is a hook of ours, which hides no guard. */
export function isCapture (hook: object): boolean {
  return hook === captureBody || (hook as { name?: unknown }).name === 'captureOnTrial'
}

/**
 * Handlers for unknown addresses are no routes, and no `onRoute` hook sees them. The hooks of their
 * scope run before them, and they have some of their own.
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

/** Fastify's own handler, and no hook that may call a guard. */
function hasNoGuard ({ handler, preValidation, preHandler }: NotFoundContext): boolean {
  return handler.name === 'basic404' && preValidation === null && preHandler === null
}
