import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** Milliseconds between checks of the connections. */
const stepMs = 50

/** Milliseconds that a client gets to finish its request, or to read its response. */
const slowMs = 1000

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Stops as soon as the last request is answered. Node.js closes idle connections only once, when
 * the server is closed: a connection that becomes idle later would delay the exit until it times
 * out. Nor does it close connections without any request, which browsers open in advance,
 * connections whose request arrives slowly, or connections whose response nobody reads.
 */
export default fp(async function shutdown (app) {
  let timer: NodeJS.Timeout | undefined
  let since = Infinity
  const open = new Map<Socket, Exchange | null>()
  app.server.on('connection', (socket: Socket) => {
    open.set(socket, null)
    socket.once('close', () => open.delete(socket))
  })
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    open.set(socket, { request, response })
    response.once('close', () => {
      if (open.get(socket)?.response === response) open.set(socket, null)
    })
  })
  app.addHook('preClose', async () => {
    since = performance.now()
    timer = setInterval(closeIdle, stepMs)
  })
  app.addHook('onClose', async () => clearInterval(timer))

  function closeIdle (): void {
    app.server.closeIdleConnections()
    const isLate = performance.now() - since > slowMs
    for (const [socket, exchange] of open) {
      if (socket.bytesRead === 0 || (isLate && waitsForClient(exchange))) socket.destroy()
    }
  }
}, { name: 'shutdown' })

function waitsForClient (exchange: Exchange | null): boolean {
  return exchange === null || !exchange.request.complete || exchange.response.writableEnded
}
