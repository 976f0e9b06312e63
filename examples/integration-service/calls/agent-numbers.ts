import type { FastifyInstance } from 'fastify'
import { toE164 } from '../customers/phone.ts'
import { agentsByPhone } from '../store/agents.ts'

/** Milliseconds for which the numbers of a moment ago are good enough. */
const freshMs = 5000

/**
 * Whose line a number is: the agent's id, or undefined. It tells the two sides of a call apart:
 * vendors name them by who called whom.
 */
export type AgentNumbers = (number: string) => string | undefined

/** Reads the agents' numbers, at most every few seconds. */
export function agentNumbers (app: FastifyInstance): () => Promise<AgentNumbers> {
  const region = app.config.PHONE_REGION
  let readAt = -Infinity
  let reading: Promise<Map<string, string>> | undefined

  return async function numbers () {
    const now = performance.now()
    if (reading === undefined || now - readAt > freshMs) {
      readAt = now
      reading = read()
      // The next one asks again.
      reading.catch(() => {
        reading = undefined
      })
    }
    const known = await reading
    return number => known.get(toE164(number, region) ?? number)
  }

  async function read (): Promise<Map<string, string>> {
    const rows = await app.store.read(agentsByPhone)
    return new Map([...rows].map(([phone, id]) => [toE164(phone, region) ?? phone, id]))
  }
}
