import type { FastifyInstance } from 'fastify'
import { toE164 } from '../customers/phone.ts'
import { agentsByPhone } from '../store/agents.ts'

/** Milliseconds for which the numbers are cached. */
const cacheMs = 5000

/**
 * The id of the agent who has this number, or undefined. It tells the two sides of a call apart:
 * vendors name caller and callee.
 */
export type AgentNumbers = (number: string) => string | undefined

/** Reads the agents' numbers, at most every few seconds. Returns a promise only when it reads. */
export function createAgentNumbers (
  app: FastifyInstance
): () => AgentNumbers | Promise<AgentNumbers> {
  const region = app.config.PHONE_REGION
  let readAt = -Infinity
  let numbers: AgentNumbers | Promise<AgentNumbers> | undefined

  return function getNumbers () {
    const now = performance.now()
    if (numbers === undefined || now - readAt > cacheMs) {
      readAt = now
      const pending = readNumbers()
      numbers = pending
      pending.then(loaded => {
        if (numbers === pending) numbers = loaded
      }, () => {
        // The next call reads again.
        if (numbers === pending) numbers = undefined
      })
    }
    return numbers
  }

  async function readNumbers (): Promise<AgentNumbers> {
    const rows = await app.store.read(agentsByPhone)
    const idsByNumber = new Map(
      [...rows].map(([phone, id]) => [toE164(phone, region) ?? phone, id])
    )
    return number => idsByNumber.get(toE164(number, region) ?? number)
  }
}
