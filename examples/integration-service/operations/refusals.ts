import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fp from 'fastify-plugin'
import type { RefusalRow } from '../store/index.ts'
import { addRefusals } from '../store/refusals.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Stores the counts since the last write. */
    flushRefusals: () => Promise<void>
  }
}

const verifications = 'fastify-contact-center:verification'

/** Milliseconds between writes: a flood of forgeries becomes a few rows a minute. */
const flushMs = 1000
/** Maximum pairs of vendor and code per second; there are far fewer. */
const maximumKinds = 200

/**
 * Counts requests with refused signatures for supervisors. Stores only the impersonated vendor and
 * the reason.
 */
export default fp(async function refusals (app) {
  const counts = new Map<string, RefusalRow>()
  const onVerification = (message: unknown): void => {
    const { vendor, code } = message as { vendor?: string, code?: string | null }
    if (vendor === undefined || code == null || code === 'OK') return
    const minute = Math.floor(app.now() / 60_000)
    const key = `${minute} ${vendor} ${code}`
    const entry = counts.get(key)
    if (entry !== undefined) entry.count++
    else if (counts.size < maximumKinds) counts.set(key, { minute, vendor, code, count: 1 })
  }
  subscribe(verifications, onVerification)

  app.decorate('flushRefusals', async () => {
    if (counts.size === 0) return
    const rows = [...counts.values()]
    counts.clear()
    await app.store.commit(async ({ db, publish }) => {
      await addRefusals(db, rows)
      for (const { vendor, code, count } of rows) publish('refusal', { vendor, code, count })
    })
  })

  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()
  app.addHook('onListen', async () => {
    timer = setInterval(() => {
      flushing = flushing.then(app.flushRefusals).catch((error: unknown) => {
        app.log.warn({ err: error }, 'counting refusals failed')
      })
    }, flushMs)
    timer.unref()
  })
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await flushing
  })
  app.addHook('onClose', async () => unsubscribe(verifications, onVerification))
}, { name: 'refusals', dependencies: ['store'] })
