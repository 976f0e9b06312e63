import t from 'tap'
import { scheme } from 'fastify-contact-center/itx-chat'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { onEachStore, service, signIn, sqliteUrl } from './helper.ts'
import { Browser } from './members-helper.ts'

const [{ login, name, phone, email }] = demoSignIns.members

onEachStore(
  t,
  'a member chats, and agents see the signed member',
  async (t, DATABASE_URL) => {
    let now = Date.now()
    const { app } = await service(t, { DATABASE_URL }, { now: () => now })
    const agent = await signIn(app)
    const chats = async () => (await app.inject({ url: '/api/chats', headers: agent })).json()
    const events = async () =>
      (await app.store.read(db => db.selectFrom('events').select('kind').orderBy('id').execute()))
        .map(({ kind }) => kind)
    t.same(await chats(), { chats: [], portalUrl: 'http://127.0.0.1:8082/agent' })
    const browser = new Browser(app)

    const guest = await browser.get('/chat/session')
    t.match([guest.statusCode, guest.json()], [401, { code: 'SERVICE_NOT_SIGNED_IN' }])
    t.same(await events(), [], 'nothing is signed for a guest')

    t.equal((await browser.signIn('/member/login?to=chat')).headers.location, '/member/chat')
    const session = await browser.get('/chat/session')
    t.equal(session.headers['cache-control'], 'no-store')
    const { extSystemHash, ...signed } = session.json()
    t.same(signed, { verifiedData: { name, email, phoneNumber: phone, memberNo: 'M-1001' } })
    t.ok(scheme.verify(signed, extSystemHash, demoSecrets.ITX_SECRET))
    t.notOk(
      scheme.verify(
        { verifiedData: { ...signed.verifiedData, name: 'Somebody else' } },
        extSystemHash,
        demoSecrets.ITX_SECRET
      )
    )
    const openedAt = now
    const opened = {
      memberId: login,
      name,
      email,
      phone,
      verified: true,
      openedAt,
      updatedAt: openedAt
    }
    t.match(await chats(), { chats: [opened] })

    now += 1000
    const page = (await browser.get('/member/chat')).body
    t.match(page, /<script nonce="[^"]+">window\.itxChat = JSON\.parse\(/)
    t.match((await chats()).chats, [opened], 'the chat is unchanged')

    const changed = await browser.fill('/member/chat', '/member/account', { name: '</script>Åse' })
    t.equal(changed.statusCode, 303)
    t.match(
      (await chats()).chats,
      [{ name, verified: true }],
      'verified data has the confirmed name'
    )
    const own = (await browser.get('/chat/session')).json()
    t.match(own, { verifiedData: { name }, unverifiedData: { name: '</script>Åse' } })
    t.ok(
      scheme.verify({ verifiedData: own.verifiedData }, own.extSystemHash, demoSecrets.ITX_SECRET)
    )
    t.match((await chats()).chats, [{ name, unverified: { name: '</script>Åse' }, verified: true }])
    t.notMatch((await browser.get('/member/chat')).body, '</script>Åse')
    t.same(await events(), ['chat.signed', 'chat.signed'], 'only changes publish an event')
    const data = await app.store.read(db => db.selectFrom('events').select('data').execute())
    t.notMatch(
      JSON.stringify(data),
      /Åse|홍길동|example/,
      'events hold no personal data'
    )

    const otherBrowser = new Browser(app)
    await otherBrowser.signIn()
    await otherBrowser.get('/chat/session')
    t.equal((await chats()).chats.length, 1, 'N19: one entry per conversation')
    t.equal(
      (await app.inject({ url: '/api/chats?limit=1', headers: agent })).json().chats.length,
      1
    )
    t.equal((await app.inject({ url: '/api/chats?limit=1000', headers: agent })).statusCode, 400)
  }
)

t.test('shows no chat without a signature', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  await browser.signIn()
  await app.store.commit(({ db }) =>
    db.updateTable('members').set({ name: 'a-email:b@example.com' }).execute()
  )
  const reply = await browser.get('/chat/session')
  t.equal(reply.statusCode, 400)
  t.notOk('verifiedData' in reply.json())
  t.equal((await browser.get('/member/chat')).statusCode, 400)
  t.same(await app.store.read(db => db.selectFrom('chats').selectAll().execute()), [])
})

t.test('the policy lets the widget connect only to the portal', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const browser = new Browser(app)
  await browser.signIn()
  const { body, headers } = await browser.get('/member/chat')
  const policy = String(headers['content-security-policy'])
  t.match(policy, /connect-src 'self' http:\/\/127\.0\.0\.1:8082 ws:\/\/127\.0\.0\.1:8082;/)
  const [, nonce] = /'nonce-([^']+)'/.exec(policy) ?? []
  t.match(
    body,
    `<script id="itx-plugin" charset="utf-8" async src="http://127.0.0.1:8082/widget.js" nonce="${nonce}">`
  )
  t.not(
    nonce,
    /'nonce-([^']+)'/.exec(
      String((await browser.get('/member/chat')).headers['content-security-policy'])
    )?.[1],
    'a nonce is used once'
  )
  t.notMatch(body, demoSecrets.ITX_SECRET)
})
