import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** Milliseconds between looks at the connections. */
const stepMs = 50

/**
 * Stops as soon as the last request is answered. Node.js closes idle connections once, when
 * the server is closed; those of requests under way fall idle after that, and would be
 * waited for until they time out, which is longer than anybody waits for a process to end.
 * Nor does it take one for idle that never asked anything, as browsers open them in advance.
 */
export default fp(async function shutdown (app) {
  let timer: NodeJS.Timeout | undefined
  const open = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', async () => {
    timer = setInterval(closeIdle, stepMs)
  })
  app.addHook('onClose', async () => clearInterval(timer))

  function closeIdle (): void {
    app.server.closeIdleConnections()
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}, { name: 'shutdown' })
