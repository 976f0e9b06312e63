import fp from 'fastify-plugin'

/** Milliseconds between looks at the connections. */
const stepMs = 50

/**
 * Stops as soon as the last request is answered. Node.js closes idle connections once, when
 * the server is closed; those of requests under way fall idle after that, and would be
 * waited for until they time out, which is longer than anybody waits for a process to end.
 */
export default fp(async function shutdown (app) {
  let timer: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => { timer = setInterval(() => app.server.closeIdleConnections(), stepMs) })
  app.addHook('onClose', async () => clearInterval(timer))
}, { name: 'shutdown' })
