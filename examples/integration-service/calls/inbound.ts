import { randomUUID } from 'node:crypto'
import fp from 'fastify-plugin'
import { stages } from '../store/calls.ts'
import { leaveWithoutSession, hasStale } from '../store/agent-states.ts'
import type { CustomerRow } from '../store/index.ts'
import {
  addRing,
  closeOverdue,
  hasOverdue,
  openCallWith,
  type Overdue
} from '../store/open-calls.ts'
import { eventOf, firstEventOf } from './view.ts'

export interface Caller {
  /** E.164. */
  readonly number: string
  readonly customer: CustomerRow | undefined
  /** When the vendor said so, epoch milliseconds; null when it did not say. */
  readonly at: number | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Lets a call ring at the desks, unless this caller's rings already or it is too late. */
    ring: (caller: Caller) => Promise<void>
    /** Ends calls that nobody took, or that no vendor ended, and the states of who has left. */
    sweepCalls: () => Promise<void>
  }
}

/** Milliseconds between looks at what is overdue. */
const stepMs = 1000

/** `app.ring`, and what ends by itself. Every process looks; the store gives each call to one. */
export default fp(async function inbound (app) {
  const { config, store, now } = app
  const ringMs = config.RING_SECONDS * 1000

  app.decorate('ring', async ({ number, customer, at }: Caller) => {
    // One that was held up on its way rings for a caller who is gone.
    if (at !== null && now() - at > ringMs) return
    // Who looks up the customer of a call that goes on has not been called.
    if (await store.read(db => openCallWith(db, number)) !== undefined) return
    const callSerialNo = `in-${randomUUID()}`
    await store.commit(async ({ db, publish }) => {
      const createdAt = now()
      if (!await addRing(db, { callSerialNo, customerNumber: number, now: createdAt })) return
      publish('call.ringing', ringingEvent(callSerialNo, number, customer, createdAt))
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
          publish(call.closed === 'missed' ? 'call.missed' : 'call.closed', eventOf(call))
        }
      })
    }
    if (await store.read(db => hasStale(db, at))) {
      await store.commit(async ({ db, publish }) => {
        for (const agentId of await leaveWithoutSession(db, at)) {
          publish('agent.state', { agentId, state: 'offline', reason: null, since: at })
        }
      })
    }
  })

  let timer: NodeJS.Timeout | undefined
  let sweeping: Promise<void> = Promise.resolve()
  app.addHook('onListen', async () => {
    let isBusy = false
    timer = setInterval(() => {
      if (isBusy) return
      isBusy = true
      sweeping = app.sweepCalls()
        .catch((error: unknown) =>
          app.log.warn({ err: error }, 'overdue calls could not be closed')
        )
        .finally(() => {
          isBusy = false
        })
    }, stepMs)
    timer.unref()
  })
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await sweeping
  })
}, { name: 'inbound', dependencies: ['store'] })

/** What desks are told when a call begins to ring. */
export function ringingEvent (
  callSerialNo: string,
  number: string | null,
  customer: CustomerRow | undefined,
  createdAt: number
) {
  return firstEventOf({
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
