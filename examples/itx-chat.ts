// A page with ITX's chat that shows signed-in members to the agent as verified. Run it with
// ITX_SECRET=… ITX_PLUGIN_URL=https://…/itx-plugin.js COOKIE_SECRET=… npx tsx examples/itx-chat.ts
import { randomBytes } from 'node:crypto'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyRequest } from 'fastify'
import itxChat, { ChatReplies } from 'fastify-contact-center/itx-chat'

const { ITX_SECRET = '', ITX_PLUGIN_URL = '', COOKIE_SECRET = '' } = process.env
if (COOKIE_SECRET.length < 32) throw new Error('COOKIE_SECRET must have at least 32 characters')
const portal = new URL(ITX_PLUGIN_URL).origin

const members = new Map([['m-1', { name: 'Kari Nordmann', email: 'kari@example.com' }]])

const app = Fastify({ logger: true })

await app.register(cookie, { secret: COOKIE_SECRET })
await app.register(itxChat, { keys: ITX_SECRET })

// Identify the visitor by your own signed sign-in cookie, never by the content of the request.
function identifyVisitor (request: FastifyRequest) {
  const { valid, value } = request.unsignCookie(request.cookies['member'] ?? '')
  const member = valid ? members.get(value) : undefined
  return member === undefined ? {} : { verifiedData: member }
}

app.get('/', async (request, reply) => {
  const nonce = randomBytes(16).toString('base64')
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy':
      `default-src 'none'; script-src 'nonce-${nonce}'; connect-src ${portal}`,
    'content-type': 'text/html; charset=utf-8'
  })
  return `<!doctype html><html lang="en"><title>Shop</title><body><h1>Shop</h1>
${await app.itxChat.embed(identifyVisitor(request), { src: ITX_PLUGIN_URL, nonce })}`
})

// For a single-page app: call window.itxChatUtils.verifySession with this after sign-in.
app.get(
  '/chat/session',
  { preSerialization: app.itxChat.sign, schema: { response: ChatReplies } },
  async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return identifyVisitor(request)
  }
)

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
