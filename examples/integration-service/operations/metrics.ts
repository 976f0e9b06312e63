import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fp from 'fastify-plugin'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { EventRow } from '../store/index.ts'

/** Counts events for the metrics. */
export interface Metrics {
  /** A vendor's callback was answered: newly stored, or a repeat. */
  countCallback(kind: string, outcome: 'stored' | 'repeated'): void
  /** An event was sent to a desktop. */
  observeEvent(event: EventRow): void
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
  const countCallback = createCounter(registry, {
    name: 'vendor_callbacks_total',
    help: 'Callbacks by kind and outcome',
    labelNames: ['kind', 'outcome']
  })
  const countVerification = createCounter(registry, {
    name: 'verifications_total',
    help: 'Signatures checked, by vendor and outcome',
    labelNames: ['vendor', 'outcome']
  })
  const eventLag = new Histogram({
    name: 'event_lag_seconds',
    help: 'Time from writing an event to sending it',
    registers,
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]
  })
  registry.registerMetric(
    new Gauge({
      name: 'event_streams',
      help: 'Connected desktops',
      registers: [],
      collect () {
        this.set(app.feed.size)
      }
    })
  )

  const onVerification = (message: unknown): void => {
    const { vendor, code } = message as { vendor?: string, code?: string | null }
    if (vendor !== undefined) countVerification(vendor, code ?? 'OK')
  }
  subscribe(verifications, onVerification)
  app.addHook('onClose', async () => {
    unsubscribe(verifications, onVerification)
    registry.clear()
  })

  app.decorate('metrics', {
    countCallback,
    observeEvent (event) {
      // Delays while a desktop was disconnected are not the service's.
      const seconds = (app.now() - event.created_at) / 1000
      if (seconds < 60) eventLag.observe(Math.max(0, seconds))
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

/**
 * A counter with two labels for frequent events. Labels are resolved when the metric is read,
 * because that takes longer than counting.
 */
function createCounter (
  registry: Registry,
  { name, help, labelNames: [first, second] }: {
    name: string,
    help: string,
    labelNames: [first: string, second: string]
  }
): (first: string, second: string) => void {
  const counts = new Map<string, Map<string, number>>()
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: [first, second],
      registers: [],
      collect () {
        this.reset()
        for (const [a, countsBySecond] of counts) {
          for (const [b, count] of countsBySecond) this.inc({ [first]: a, [second]: b }, count)
        }
      }
    })
  )
  return (a, b) => {
    let countsBySecond = counts.get(a)
    if (countsBySecond === undefined) counts.set(a, countsBySecond = new Map())
    countsBySecond.set(b, (countsBySecond.get(b) ?? 0) + 1)
  }
}
