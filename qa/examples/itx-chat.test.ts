import { sign } from '@fastify/cookie'
import { scheme } from 'fastify-contact-center/itx-chat'
import t from 'tap'
import { startExample } from '../../test/helper.ts'

t.test('examples/itx-chat.ts signs for the member of the cookie, and for nobody else', async t => {
  const secret = 'a-key-of-at-least-16'
  const cookieSecret = 'a-cookie-secret-of-at-least-32-characters'
  const url = await startExample(t, 'itx-chat', {
    ITX_SECRET: secret,
    COOKIE_SECRET: cookieSecret,
    ITX_PLUGIN_URL: 'https://portal.example/itx-plugin.js'
  })
  const get = async (path: string, member?: string) =>
    await fetch(
      url + path,
      member === undefined ? {} : { headers: { cookie: `member=${encodeURIComponent(member)}` } }
    )
  const verifiedData = { name: 'Kari Nordmann', email: 'kari@example.com' }
  const extSystemHash = scheme.sign({ verifiedData }, secret)
  const member = sign('m-1', cookieSecret)

  const session = await get('/chat/session', member)
  t.equal(session.headers.get('cache-control'), 'no-store')
  t.same(await session.json(), { verifiedData, extSystemHash })
  for (
    const cookie of [undefined, 'm-1', sign('m-1', 'another secret'), sign('m-2', cookieSecret)]
  ) t.same(await (await get('/chat/session', cookie)).json(), {}, cookie ?? 'no cookie')

  const page = await get('/', member)
  const html = await page.text()
  const nonce =
    /script-src 'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1] ??
      'none'
  t.equal(html.split(`nonce="${nonce}"`).length, 3, 'both scripts have the nonce of the policy')
  t.match(html, extSystemHash)
  t.notMatch(await (await get('/')).text(), /Kari|extSystemHash/)
})
