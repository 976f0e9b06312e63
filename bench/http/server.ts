// Contenders in one process: node server.js NAME:ARGUMENT …, each on a port of its own. Tells its
// parent where they listen, and, whenever it is asked, how much CPU the process has used.
import Fastify, { type FastifyInstance } from 'fastify'

const ports: number[] = []
for (const specification of process.argv.slice(2)) {
  const [name = '', argument = ''] = specification.split(':')
  const { contender } = await import(`./contenders/${name}.js`) as {
    contender: (app: FastifyInstance, argument: string) => Promise<void>
  }
  const app = Fastify({ bodyLimit: 4 * 1024 * 1024 })
  await contender(app, argument)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  if (address === null || typeof address === 'string') {
    throw new Error(`${specification} has no port`)
  }
  ports.push(address.port)
}

process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))
process.on('disconnect', () => process.exit())
process.send?.({ ports })
