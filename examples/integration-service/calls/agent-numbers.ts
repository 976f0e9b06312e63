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

/** Reads the agents' numbers, at most every few seconds. A promise only where they are read. */
export function agentNumbers (app: FastifyInstance): () => AgentNumbers | Promise<AgentNumbers> {
  const region = app.config.PHONE_REGION
  let readAt = -Infinity
  let numbers: AgentNumbers | Promise<AgentNumbers> | undefined

  return function numbersNow () {
    const now = performance.now()
    if (numbers === undefined || now - readAt > freshMs) {
      readAt = now
      const reading = read()
      numbers = reading
      reading.then(known => {
        if (numbers === reading) numbers = known
      }, () => {
        // The next one asks again.
        if (numbers === reading) numbers = undefined
      })
    }
    return numbers
  }

  async function read (): Promise<AgentNumbers> {
    const rows = await app.store.read(agentsByPhone)
    const known = new Map([...rows].map(([phone, id]) => [toE164(phone, region) ?? phone, id]))
    return number => known.get(toE164(number, region) ?? number)
  }
}
