import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Setting } from './settings.ts'

/** How the simulator may answer requests from your service, or from a browser on its behalf. */
export const answers = {
  variable: 'LAB_ANSWERS',
  label: 'Answers to your service',
  hint:
    'slow: after three seconds; cut: the connection closes; failing: 500; garbled: 200 with undocumented content',
  default: 'as usual',
  choices: ['as usual', 'slow', 'cut', 'failing', 'garbled']
} as const satisfies Setting

const slowMs = 3000

/**
 * `onRequest` hook for the routes that your service calls: answers according to the current
 * setting.
 */
export function createAnswerHook (values: { readonly answers: string }) {
  return async function answer (
    _request: FastifyRequest,
    reply: FastifyReply
  ): Promise<FastifyReply | undefined> {
    switch (values.answers) {
      case 'slow':
        await sleep(slowMs)
        return undefined
      case 'cut':
        reply.hijack()
        reply.raw.destroy()
        return reply
      case 'failing':
        return await reply.code(500).type('text/plain').send(
          'The simulated vendor fails on purpose.'
        )
      case 'garbled':
        return await reply.code(200).type('text/html').send(
          '<p>The simulated vendor gives a wrong answer on purpose.</p>'
        )
      default:
        return undefined
    }
  }
}
