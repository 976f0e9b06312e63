// Answers Contiple's look-ups of callers. Run it with
//   CONTIPLE_KEY=… npx tsx examples/contiple.ts
import Fastify from 'fastify'
import contiple, {
  LookupQuery,
  LookupReplies,
  NoSuchCustomer
} from 'fastify-contact-center/contiple'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const customers = new Map([['+821012345678', { userName: 'Hong Gil-dong', id: 'c-1' }]])

const app = Fastify({ logger: true }).withTypeProvider<TypeBoxTypeProvider>()

await app.register(contiple, { keys: process.env['CONTIPLE_KEY'] ?? '' })

app.post('/contiple/customer', {
  preValidation: app.contiple.verify,
  schema: { body: LookupQuery, response: LookupReplies }
}, async (request) => {
  const customer = customers.get(request.body.callNum)
  if (customer === undefined) throw new NoSuchCustomer()
  return { data: customer }
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
