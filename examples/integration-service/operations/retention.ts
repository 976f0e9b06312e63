import fp from 'fastify-plugin'
import { removeOlderThan } from '../store/retention.ts'

const dayMs = 24 * 60 * 60 * 1000
const intervalMs = 60 * 60 * 1000

/**
 * Every hour, removes data older than RETENTION_DAYS. Without that setting, nothing is removed.
 * Several processes may do so at once: each removes what it finds.
 */
export default fp(async function retention (app) {
  const { RETENTION_DAYS: days } = app.config
  if (days === undefined) return
  let closing = false
  let running: Promise<void> | undefined
  const removeOld = async (): Promise<void> => {
    try {
      const removed = await removeOlderThan(app.store, app.now() - days * dayMs, () => closing)
      if (removed > 0) app.log.info({ removed }, 'removed data older than RETENTION_DAYS')
    } catch (error) {
      app.log.error({ err: error }, 'removing old data failed; retrying in an hour')
    }
  }
  const startRemoval = (): void => {
    running ??= removeOld().finally(() => {
      running = undefined
    })
  }
  let timer: NodeJS.Timeout | undefined
  app.addHook('onReady', async () => {
    timer = setInterval(startRemoval, intervalMs).unref()
    startRemoval()
  })
  app.addHook('preClose', async () => {
    closing = true
    clearInterval(timer)
    await running
  })
}, { name: 'retention', dependencies: ['store'] })
