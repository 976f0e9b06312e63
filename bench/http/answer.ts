import type { FastifyInstance } from 'fastify'

/** What every contender's handler answers. */
export const answer = async (): Promise<object> => ({ data: { ok: true } })

/** Adds one contender's route to the app: what it registers, and `/` with its verification. */
export type Contender = (app: FastifyInstance) => Promise<void>
