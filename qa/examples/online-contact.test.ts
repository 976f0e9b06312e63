import { signerFactory } from '@fastify/cookie'
import t from 'tap'
import { startExample } from '../../test/helper.ts'

t.test('examples/online-contact.ts vouches for its own members only', async t => {
  const origin = 'https://demo.oc.nhncloud.com'
  const secret = 'a-cookie-secret-of-at-least-32-characters'
  const base = await startExample(t, 'online-contact', {
    ONLINE_CONTACT_URL: origin,
    ONLINE_CONTACT_SERVICE: 'shop',
    ONLINE_CONTACT_KEY: 'a-key-of-at-least-16',
    COOKIE_SECRET: secret
  })
  const request = (path: string, cookie = '', init: RequestInit = {}) =>
    fetch(base + path, { ...init, headers: { cookie, origin } })
  const member = `member=${encodeURIComponent(signerFactory(secret).sign('u-1'))}`
  const forged = `member=${
    encodeURIComponent(signerFactory('another-secret-of-at-least-32-characters').sign('u-1'))
  }`
  const login = `/member/login?returnUrl=${encodeURIComponent(`${origin}/shop/hc/`)}`

  const form = await request(login, member)
  t.equal(form.status, 200)
  t.match(form.headers.get('content-type'), 'text/html')
  t.match(await form.text(), `action="${origin}/v2/enduser/remote.json"`)
  t.equal((await request(login, forged)).status, 401)
  t.equal((await request(login)).status, 401)
  t.equal(
    (await request('/member/login?returnUrl=https://evil.test/', member)).status,
    400,
    'no open redirect'
  )

  const status = await request('/member/login-status', member)
  t.same(await status.json(), { login: 'true', usercode: 'u-1' })
  t.equal(status.headers.get('access-control-allow-origin'), origin)
  t.equal(status.headers.get('access-control-allow-credentials'), 'true')
  t.match(status.headers.get('vary'), /origin/i)
  t.same(await (await request('/member/login-status', forged)).json(), {
    login: 'false',
    usercode: null
  })
  const foreignReply = await fetch(`${base}/member/login-status`, {
    headers: { cookie: member, origin: 'https://evil.test' }
  })
  t.equal(foreignReply.headers.get('access-control-allow-origin'), null)

  t.equal((await request('/member/link', forged, { method: 'POST' })).status, 401)
  const { link } = await (await request('/member/link', member, { method: 'POST' })).json() as {
    link: string
  }
  const { searchParams } = new URL(link)
  const verifyToken = async (usercode: string) =>
    await (await request(
      `/member/verify-token?${new URLSearchParams({
        usercode,
        token: searchParams.get('token') ?? ''
      })}`
    )).json()
  t.same(await verifyToken('u-1'), { login: 'true', usercode: 'u-1' })
  t.same(await verifyToken('u-2'), { login: 'false', usercode: null })
})
