import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** Milliseconds between checks of the connections. */
const checkMs = 50

/** Milliseconds that a client gets to finish its request, or to read its response. */
const graceMs = 1000

/** A connection with the response that Node.js is writing to it. */
interface Connection extends Socket {
  readonly _httpMessage?: ServerResponse | null
}

/**
 * Stops as soon as the last request is answered. Node.js closes idle connections only once, when
 * the server is closed: a connection that becomes idle later would delay the exit until it times
 * out. Nor does it close connections without any request, which browsers open in advance,
 * connections whose request arrives slowly, or connections whose response nobody reads.
 */
export default fp(async function shutdown (app) {
  let timer: NodeJS.Timeout | undefined
  let closingSince = Infinity
  const connections = new Set<Connection>()
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    closingSince = performance.now()
    timer = setInterval(closeIdle, checkMs)
  })
  app.addHook('onClose', async () => clearInterval(timer))

  function closeIdle (): void {
    app.server.closeIdleConnections()
    const isPastGrace = performance.now() - closingSince > graceMs
    for (const socket of connections) {
      if (socket.bytesRead === 0 || (isPastGrace && waitsForClient(socket))) socket.destroy()
    }
  }
}, { name: 'shutdown' })

/**
 * Reads Node's own record, as other packages for this do: listeners would cost each request more
 * than its metrics.
 */
function waitsForClient ({ _httpMessage: response }: Connection): boolean {
  return response == null || !response.req.complete || response.writableEnded
}
