// Signs this site's members in to the Online Contact help centre. Run it with
// ONLINE_CONTACT_URL=https://….oc.nhncloud.com ONLINE_CONTACT_SERVICE=… ONLINE_CONTACT_KEY=…
// COOKIE_SECRET=… npx tsx examples/online-contact.ts
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyRequest } from 'fastify'
import onlineContact, {
  isAllowedReturnUrl,
  LoginQuery,
  LoginStatus,
  VerifyTokenQuery
} from 'fastify-contact-center/online-contact'

const {
  ONLINE_CONTACT_URL: url = '',
  ONLINE_CONTACT_SERVICE: service = '',
  ONLINE_CONTACT_KEY: keys = '',
  COOKIE_SECRET: secret = ''
} = process.env
if (secret.length < 32) throw new Error('COOKIE_SECRET must have at least 32 characters')

const members = new Map([['u-1', {
  usercode: 'u-1',
  username: 'Hong Gil-dong',
  email: 'hong@example.com'
}]])

// The URL of a token check contains the token, and that of an unknown route may, so URLs are not
// logged.
const app = Fastify({ logger: { redact: ['req.url'] } }).withTypeProvider<TypeBoxTypeProvider>()
app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }))

await app.register(cookie, { secret })
await app.register(onlineContact, { keys, url, service })

// Your own sign-in sets this signed cookie with SameSite=None; Secure; HttpOnly, so that browsers
// also send it from the help centre.
function findMember (request: FastifyRequest) {
  const { valid, value } = request.unsignCookie(request.cookies['member'] ?? '')
  return valid ? members.get(value) : undefined
}

app.get('/member/login', { schema: { querystring: LoginQuery } }, async (request, reply) => {
  const { returnUrl } = request.query
  if (!isAllowedReturnUrl(returnUrl, [new URL(url).host])) {
    return reply.code(400).send({ error: 'returnUrl is not allowed' })
  }
  const member = findMember(request)
  if (member === undefined) return reply.code(401).send({ error: 'sign in first' })
  return reply.type('text/html').header('cache-control', 'no-store').send(
    await app.onlineContact.loginForm(member, { returnUrl })
  )
})

// The GET type, for native apps: the app opens the link, and Online Contact asks this server
// whether it issued the token.
app.post('/member/link', async (request, reply) => {
  const member = findMember(request)
  return member === undefined
    ? reply.code(401).send()
    : { link: await app.onlineContact.link(member) }
})
app.get('/member/verify-token', {
  schema: { querystring: VerifyTokenQuery, response: { 200: LoginStatus } }
}, async ({ query }) => await app.onlineContact.checkIssuedToken(query.usercode, query.token))

await app.register(async scope => {
  await scope.register(cors, { origin: [new URL(url).origin], credentials: true })
  scope.get(
    '/member/login-status',
    async request => app.onlineContact.loginStatus(findMember(request)?.usercode ?? null)
  )
})

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) })
