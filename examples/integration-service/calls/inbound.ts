import { randomUUID } from 'node:crypto'
import fp from 'fastify-plugin'
import { stages } from '../store/calls.ts'
import { removeStatesWithoutSession, hasStatesWithoutSession } from '../store/agent-states.ts'
import type { CustomerRow } from '../store/index.ts'
import {
  addRing,
  closeOverdue,
  hasOverdue,
  openCallByCustomer,
  type Overdue
} from '../store/open-calls.ts'
import { createCallEvent, createFirstEvent } from './view.ts'

export interface Caller {
  /** E.164. */
  readonly number: string
  readonly customer: CustomerRow | undefined
  /** The vendor's time, epoch milliseconds; null if it sent none. */
  readonly at: number | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Makes a call ring at the desks, unless one of this caller rings already or it is too late.
     */
    ring: (caller: Caller) => Promise<void>
    /** Closes overdue calls, and removes the states of agents whose sessions ended. */
    sweepCalls: () => Promise<void>
  }
}

/** Milliseconds between checks for overdue calls. */
const sweepMs = 1000

/**
 * `app.ring`, and the closing of overdue calls. Every process checks; the store gives each call to
 * one.
 */
export default fp(async function inbound (app) {
  const { config, store, now } = app
  const ringMs = config.RING_SECONDS * 1000

  app.decorate('ring', async ({ number, customer, at }: Caller) => {
    // A delayed request would ring for a caller who has hung up.
    if (at !== null && now() - at > ringMs) return
    // A lookup during an open call is not a new call.
    if (await store.read(db => openCallByCustomer(db, number)) !== undefined) return
    const callSerialNo = `in-${randomUUID()}`
    await store.commit(async ({ db, publish }) => {
      const createdAt = now()
      if (!await addRing(db, { callSerialNo, customerNumber: number, now: createdAt })) return
      publish('call.ringing', createRingingEvent(callSerialNo, number, customer, createdAt))
    })
  })

  app.decorate('sweepCalls', async () => {
    const at = now()
    const overdue: Overdue = {
      ringing: at - ringMs,
      silent: at - config.CALL_SILENCE_MINUTES * 60_000
    }
    if (await store.read(db => hasOverdue(db, overdue))) {
      await store.commit(async ({ db, publish }) => {
        for (const call of await closeOverdue(db, overdue, at)) {
          publish(call.closed === 'missed' ? 'call.missed' : 'call.closed', createCallEvent(call))
        }
      })
    }
    if (await store.read(db => hasStatesWithoutSession(db, at))) {
      await store.commit(async ({ db, publish }) => {
        for (const agentId of await removeStatesWithoutSession(db, at)) {
          publish('agent.state', { agentId, state: 'offline', reason: null, since: at })
        }
      })
    }
  })

  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  app.addHook('onListen', async () => {
    let isSweeping = false
    timer = setInterval(() => {
      if (isSweeping) return
      isSweeping = true
      sweeping = app.sweepCalls()
        .catch((error: unknown) => app.log.warn({ err: error }, 'closing overdue calls failed'))
        .finally(() => {
          isSweeping = false
        })
    }, sweepMs)
    timer.unref()
  })
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await sweeping
  })
}, { name: 'inbound', dependencies: ['store'] })

/** The event that makes a call ring at the desks. */
export function createRingingEvent (
  callSerialNo: string,
  number: string | null,
  customer: CustomerRow | undefined,
  createdAt: number
) {
  return createFirstEvent({
    call_serial_no: callSerialNo,
    agent_id: null,
    direction: 'inbound',
    customer_number: number,
    stage: stages.dialling,
    release_reason: null,
    closed: null,
    created_at: createdAt,
    connected_at: null
  }, customer)
}
