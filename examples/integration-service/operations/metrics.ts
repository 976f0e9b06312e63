import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fp from 'fastify-plugin'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { EventRow } from '../store/index.ts'

/** What the service counts. */
export interface Metrics {
  /** A callback of a vendor was answered: stored, or known already. */
  callback(kind: string, outcome: 'stored' | 'repeated'): void
  /** An event went out to a desktop. */
  sent(event: EventRow): void
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics
  }
}

const verifications = 'fastify-contact-center:verification'

/** `GET /metrics`, for Prometheus. Labels are routes and codes, never values. */
export default fp(async function metrics (app) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'By route',
    labelNames: ['method', 'route', 'status'],
    registers
  })
  const callbacks = new Counter({
    name: 'vendor_callbacks_total',
    help: 'Callbacks by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers
  })
  const verified = new Counter({
    name: 'verifications_total',
    help: 'Signatures checked, by vendor and outcome',
    labelNames: ['vendor', 'outcome'],
    registers
  })
  const lag = new Histogram({
    name: 'event_lag_seconds',
    help: 'From writing an event to sending it',
    registers,
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]
  })
  registry.registerMetric(
    new Gauge({
      name: 'event_streams',
      help: 'Desktops that listen',
      registers: [],
      collect () {
        this.set(app.feed.size)
      }
    })
  )

  const onVerification = (message: unknown): void => {
    const { vendor, code } = message as { vendor?: string, code?: string | null }
    if (vendor !== undefined) verified.inc({ vendor, outcome: code ?? 'OK' })
  }
  subscribe(verifications, onVerification)
  app.addHook('onClose', async () => {
    unsubscribe(verifications, onVerification)
    registry.clear()
  })

  app.decorate('metrics', {
    callback (kind, outcome) {
      callbacks.inc({ kind, outcome })
    },
    sent (event) {
      // What is sent late because a desktop was away says nothing about us.
      const seconds = (app.now() - event.created_at) / 1000
      if (seconds < 60) lag.observe(Math.max(0, seconds))
    }
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    // A stream lasts as long as its desktop is open.
    if (route !== '/api/events') {
      requests.observe(
        { method: request.method, route, status: reply.statusCode },
        reply.elapsedTime / 1000
      )
    }
    done()
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.type(registry.contentType)
    return await registry.metrics()
  })
}, { name: 'metrics', dependencies: ['events'] })
