// Creates the URL that opens CSC when an agent's phone rings. Run it with
// ORACLE_CSC_URL=https://… ORACLE_CSC_KEY=… AGENT_NAME=… AGENT_TOKEN=… npx tsx
// examples/oracle-csc.ts
import { createHash } from 'node:crypto'
import Fastify from 'fastify'
import oracleCsc, {
  ClickToCall,
  ClickToCallQuery,
  ClickToCallReplies,
  maskClickToCallUrl
} from 'fastify-contact-center/oracle-csc'
import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

const { ORACLE_CSC_KEY = '', ORACLE_CSC_URL = '', AGENT_NAME = '', AGENT_TOKEN = '' } = process.env
if (AGENT_TOKEN.length < 16) throw new Error('AGENT_TOKEN must have at least 16 characters')

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
const agents = new Map([[digest(`Bearer ${AGENT_TOKEN}`), AGENT_NAME]])

const app = Fastify({
  // The URL signs an agent in and identifies a caller, so logs mask it, in requests and in 404s.
  logger: { serializers: { req: ({ method, url }) => ({ method, url: maskClickToCallUrl(url) }) } }
}).withTypeProvider<TypeBoxTypeProvider>()
app.setNotFoundHandler((_request, reply) =>
  reply.code(404).send({ error: 'NOT_FOUND', message: 'Not found' })
)

await app.register(oracleCsc, { keys: ORACLE_CSC_KEY, url: ORACLE_CSC_URL })

// Take the agent from the session, never from the request: the URL signs that agent in.
app.post('/screen-pop', {
  preSerialization: app.oracleCsc.sign,
  schema: { body: Type.Omit(ClickToCall, ['username']), response: ClickToCallReplies },
  config: { contactCenter: { replies: 'oracleCsc' } }
}, async (request, reply) => {
  const username = agents.get(digest(request.headers.authorization ?? ''))
  if (username === undefined) {
    return reply.code(401).send({ error: 'UNAUTHORIZED', message: 'Sign in first' })
  }
  return { ...request.body, username }
})

// The receiving end: a gateway in front of CSC, or a replacement for it.
app.get('/agent/main', {
  onRequest: app.oracleCsc.verify,
  schema: { querystring: ClickToCallQuery }
}, async ({ query }) => ({ agent: query.username, caller: query.UserTelephoneNumber }))

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
