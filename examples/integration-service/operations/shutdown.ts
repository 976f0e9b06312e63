import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** Milliseconds between checks of the connections. */
const checkMs = 50

/** Milliseconds that a client gets to finish its request, or to read its response. */
const graceMs = 1000

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
  let closingSince = Infinity
  const exchanges = new Map<Socket, Exchange | null>()
  app.server.on('connection', (socket: Socket) => {
    exchanges.set(socket, null)
    socket.once('close', () => exchanges.delete(socket))
  })
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    exchanges.set(socket, { request, response })
    response.once('close', () => {
      if (exchanges.get(socket)?.response === response) exchanges.set(socket, null)
    })
  })
  app.addHook('preClose', async () => {
    closingSince = performance.now()
    timer = setInterval(closeIdle, checkMs)
  })
  app.addHook('onClose', async () => clearInterval(timer))

  function closeIdle (): void {
    app.server.closeIdleConnections()
    const isPastGrace = performance.now() - closingSince > graceMs
    for (const [socket, exchange] of exchanges) {
      if (socket.bytesRead === 0 || (isPastGrace && waitsForClient(exchange))) socket.destroy()
    }
  }
}, { name: 'shutdown' })

function waitsForClient (exchange: Exchange | null): boolean {
  return exchange === null || !exchange.request.complete || exchange.response.writableEnded
}
