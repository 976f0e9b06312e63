// One verified route per vendor, in a separate process to measure its memory. Reports its address
// over IPC, and on request its errors and memory.
import { connect, type AddressInfo } from 'node:net'
import formbody from '@fastify/formbody'
import Fastify, { type FastifyRequest } from 'fastify'
import contiple from 'fastify-contact-center/contiple'
import huaweiAicc from 'fastify-contact-center/huawei-aicc'
import itxChat from 'fastify-contact-center/itx-chat'
import onlineContact from 'fastify-contact-center/online-contact'
import oracleCsc from 'fastify-contact-center/oracle-csc'
import { bodyLimit, keys, paths } from './vendors.ts'

const problems: string[] = []
for (const event of ['uncaughtException', 'unhandledRejection', 'warning'] as const) {
  process.on(event, (problem: unknown) => {
    problems.push(`${event}: ${problem instanceof Error ? problem.stack : String(problem)}`)
  })
}

const requestTimeout = Number(process.env['REQUEST_TIMEOUT'] ?? 0)
const app = Fastify({
  bodyLimit,
  trustProxy: process.env['TRUST_PROXY'] === 'yes',
  requestTimeout,
  // Node applies the longer timeout to the whole request, and Fastify leaves the other one at 60 s.
  http: {
    connectionsCheckingInterval: 200,
    ...requestTimeout > 0 && { headersTimeout: requestTimeout }
  },
  forceCloseConnections: true
})
// Fastify's default handler would log and quote the URL, which may be signed.
app.setNotFoundHandler((_request, reply) =>
  reply.code(404).send({ statusCode: 404, error: 'Not Found' })
)
await app.register(formbody)
await app.register(contiple, { keys })
await app.register(contiple, { keys, as: 'contipleUri', signedContent: 'uri+body' })
await app.register(huaweiAicc, { keys })
await app.register(onlineContact, { keys })
await app.register(itxChat, { keys })
await app.register(oracleCsc, { keys })

/** The handler's view of the request, to distinguish it from its neighbours. */
const describeRequest = async ({ verification, body, query }: FastifyRequest): Promise<object> => ({
  let: 'in',
  covered: verification?.covered,
  body,
  query
})
app.post(paths.contiple, { preValidation: app.contiple.verify }, describeRequest)
app.post(paths['contiple-uri'], { preValidation: app.contipleUri.verify }, describeRequest)
app.post(paths['huawei-aicc'], { preValidation: app.huaweiAicc.verify }, describeRequest)
app.post(paths['online-contact'], { preValidation: app.onlineContact.verify }, describeRequest)
app.post(paths['itx-chat'], { preValidation: app.itxChat.verify }, describeRequest)
app.get(paths['oracle-csc'], { onRequest: app.oracleCsc.verify }, describeRequest)

declare module 'fastify' {
  interface FastifyInstance {
    contipleUri: FastifyInstance['contiple']
  }
}

await app.listen({ host: '127.0.0.1', port: 0, backlog: 4096 })
const { port } = app.server.address() as AddressInfo

process.on('message', async question => {
  if (question === 'close') return await app.close().then(() => process.disconnect())
  process.send?.({
    problems: problems.splice(0),
    connections: await connections(),
    heldBytes: await measureHeldBytes()
  })
})
process.send?.({ port })

async function connections (): Promise<number> {
  return await new Promise(resolve => app.server.getConnections((_error, count) => resolve(count)))
}

/** Live memory after garbage collection, run twice because of finalizers. */
async function measureHeldBytes (): Promise<number> {
  for (let i = 0; i < 2; i++) {
    global.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

// Opens a first socket, so that code which Node loads for it does not count as growth.
await new Promise<void>(resolve => {
  connect(port, '127.0.0.1').on('close', () => resolve()).end('x\r\n\r\n').resume()
})
