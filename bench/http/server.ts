// One contender, in a process of its own: node server.js NAME [ARGUMENT]. Tells its parent
// where it listens, and, whenever it is asked, how much CPU it has used.
import Fastify, { type FastifyInstance } from 'fastify'

const [name = '', argument = ''] = process.argv.slice(2)

const { contender } = await import(`./contenders/${name}.js`) as {
  contender: (app: FastifyInstance, argument: string) => Promise<void>
}
const app = Fastify({ bodyLimit: 4 * 1024 * 1024 })
await contender(app, argument)
await app.listen({ port: 0, host: '127.0.0.1' })
const address = app.server.address()

process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))
process.on('disconnect', () => process.exit())
process.send?.({ port: typeof address === 'object' ? address?.port : undefined })
