import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { scheme as lineScheme } from 'fastify-contact-center/line'
import { scheme as whatsappScheme } from 'fastify-contact-center/whatsapp'
import t from 'tap'
import { loadConfig } from '../../examples/integration-service/config.ts'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { NotSent, Uncertain } from '../../examples/integration-service/messages/channel.ts'
import { lineChannel } from '../../examples/integration-service/messages/line-channel.ts'
import { whatsappChannel } from '../../examples/integration-service/messages/whatsapp-channel.ts'
import type { Conversation, Message } from '../../examples/integration-service/messages/view.ts'
import { removeOlderThan } from '../../examples/integration-service/store/retention.ts'
import { onEachStore, service, settings, signIn, sqliteUrl } from './helper.ts'

const phoneNumberId = settings.WHATSAPP_PHONE_NUMBER_ID

/** Posts a change of a phone number as Meta delivers it. */
async function postWhatsapp (
  app: FastifyInstance,
  value: object,
  { id = phoneNumberId, secret = demoSecrets.WHATSAPP_APP_SECRET }: {
    id?: string,
    secret?: string
  } = {}
) {
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{
      id: '1',
      changes: [{
        field: 'messages',
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: '8215881000', phone_number_id: id },
          ...value
        }
      }]
    }]
  })
  return await app.inject({
    method: 'POST',
    url: '/whatsapp',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': whatsappScheme.sign({ body }, secret)
    },
    payload: body
  })
}

function whatsappText (id: string, body: string, at: number, from = '821012345678') {
  return { id, from, timestamp: String(Math.floor(at / 1000)), type: 'text', text: { body } }
}

/** Delivers a customer's WhatsApp message. */
async function writeByWhatsapp (
  app: FastifyInstance,
  id: string,
  body: string,
  from = '821012345678'
) {
  return await postWhatsapp(app, {
    contacts: [{ wa_id: from, profile: { name: 'Mr. Bank Manager' } }],
    messages: [whatsappText(id, body, app.now(), from)]
  })
}

async function reportStatus (app: FastifyInstance, id: string, status: string, more: object = {}) {
  const timestamp = String(Math.floor(app.now() / 1000))
  return await postWhatsapp(app, { statuses: [{ id, status, timestamp, ...more }] })
}

/** Posts events as LINE delivers them. */
async function postLine (app: FastifyInstance, ...events: object[]) {
  const body = JSON.stringify({
    destination: 'U0',
    events: events.map(event => ({
      webhookEventId: randomUUID(),
      timestamp: app.now(),
      mode: 'active',
      deliveryContext: { isRedelivery: false },
      source: { type: 'user', userId: 'U4af4980629' },
      ...event
    }))
  })
  return await app.inject({
    method: 'POST',
    url: '/line',
    headers: {
      'content-type': 'application/json',
      'x-line-signature': lineScheme.sign({ body }, demoSecrets.LINE_CHANNEL_SECRET)
    },
    payload: body
  })
}

const lineText = (id: string, text: string, replyToken = `token-${id}`) => ({
  type: 'message',
  replyToken,
  message: { id, type: 'text', text }
})

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** The vendors' send APIs. `answer` makes the reply to each message. */
function sendApis (answer: (sent: Sent) => Response | Promise<Response>) {
  const sent: Sent[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const message = {
      url: String(input),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)) as Record<string, unknown>
    }
    sent.push(message)
    return await answer(message)
  }
  return { sent, fetch }
}

const whatsappAccepts = (id: string) =>
  Response.json({ messaging_product: 'whatsapp', contacts: [], messages: [{ id }] })
const lineAccepts = (id: string) => Response.json({ sentMessages: [{ id }] })

type Headers_ = { cookie: string }

async function conversations (app: FastifyInstance, headers: Headers_): Promise<Conversation[]> {
  return (await app.inject({ url: '/api/conversations', headers })).json().conversations
}

async function messagesOf (
  app: FastifyInstance,
  headers: Headers_,
  id: string
): Promise<Message[]> {
  return (await app.inject({ url: `/api/conversations/${id}`, headers })).json().messages
}

async function answer (
  app: FastifyInstance,
  headers: Headers_,
  conversationId: string,
  text: string,
  id: string = randomUUID()
) {
  return await app.inject({
    method: 'POST',
    url: `/api/conversations/${conversationId}/messages`,
    headers,
    payload: { id, text }
  })
}

async function events (app: FastifyInstance): Promise<string[]> {
  const rows = await app.store.read(db =>
    db.selectFrom('events').select(['kind', 'data']).where('kind', 'like', 'conversation.%')
      .orderBy('id').execute()
  )
  t.notMatch(JSON.stringify(rows), /Bank|안녕|홍길동|8210/, 'events hold no personal data')
  return rows.map(({ kind }) => kind)
}

onEachStore(t, "each customer's messages become one conversation, once", async (t, url) => {
  let now = Date.now()
  const { app } = await service(t, { DATABASE_URL: url }, { now: () => now })
  const { app: second } = await service(t, { DATABASE_URL: url }, { now: () => now })
  const agent = await signIn(app)
  t.same(await conversations(app, agent), [])
  const replies = await Promise.all(
    [app, second, app, second].map(async instance =>
      await writeByWhatsapp(instance, 'wamid.1', '안녕하세요')
    )
  )
  t.same(replies.map(({ statusCode }) => statusCode), [200, 200, 200, 200])
  now += 5000
  const late = { contacts: [], messages: [whatsappText('wamid.0', 'earlier', now - 60_000)] }
  await postWhatsapp(second, late)
  await postWhatsapp(app, late)
  const [conversation, ...otherConversations] = await conversations(app, agent)
  t.same(otherConversations, [])
  t.match(conversation, {
    channel: 'whatsapp',
    contactName: 'Mr. Bank Manager',
    customerNumber: '+821012345678',
    customerNumberText: '+82 10 1234 5678',
    customer: { name: '홍길동' },
    verified: true,
    linkedBy: null,
    waiting: true,
    lastMessage: { text: '안녕하세요', direction: 'in', status: null },
    answerUntil: Math.floor((now - 5000) / 1000) * 1000 + 24 * 60 * 60 * 1000,
    maximumLength: 4096
  })
  t.match(await messagesOf(app, agent, conversation?.id ?? ''), [
    { text: '안녕하세요' },
    { text: 'earlier' }
  ])
  t.same(await events(app), ['conversation.message', 'conversation.message'])

  const timeline = await app.inject({
    url: '/api/customers/+821012345678/timeline',
    headers: agent
  })
  t.match(timeline.json().entries, [{
    kind: 'messages',
    at: conversation?.lastAt,
    data: { channel: 'whatsapp' }
  }])
  t.equal(timeline.json().entries.length, 1, 'one entry a day')

  await writeByWhatsapp(app, 'wamid.2', 'Oi', '551161234567')
  await writeByWhatsapp(app, 'wamid.3', 'Hi', '4915112345678')
  t.match(await conversations(app, agent), [
    { contactId: '4915112345678', customer: null, customerNumber: '+4915112345678' },
    { contactId: '551161234567', customer: { name: 'Maria da Silva' } },
    {}
  ])
  const firstPage = (await app.inject({ url: '/api/conversations?limit=2', headers: agent })).json()
  const lastPage = (await app.inject({
    url: `/api/conversations?limit=2&before=${firstPage.next}`,
    headers: agent
  })).json()
  t.match([firstPage.conversations.length, lastPage.conversations.length, lastPage.next], [
    2,
    1,
    null
  ])
  const page = (await app.inject({
    url: `/api/conversations/${conversation?.id}?limit=1`,
    headers: agent
  })).json()
  const rest = (await app.inject({
    url: `/api/conversations/${conversation?.id}?limit=1&before=${page.next}`,
    headers: agent
  })).json()
  t.match([page.messages, rest.messages, rest.next], [
    [{ text: '안녕하세요' }],
    [{ text: 'earlier' }],
    null
  ])
  for (const path of ['?before=x', `/${conversation?.id}?before=x`]) {
    t.match((await app.inject({ url: `/api/conversations${path}`, headers: agent })).json(), {
      code: 'SERVICE_CURSOR_INVALID'
    })
  }
  t.equal((await app.inject({ url: '/api/conversations/none', headers: agent })).statusCode, 404)
  t.equal((await app.inject('/api/conversations')).statusCode, 401)
  t.equal(
    (await app.inject({ url: '/api/conversations', headers: agent })).headers['cache-control'],
    'no-store'
  )
})

t.test("stores no messages to other systems' numbers", async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const agent = await signIn(app)
  const stored = async () => (await conversations(app, agent)).length
  t.equal(
    (await postWhatsapp(app, { messages: [whatsappText('wamid.1', 'x', 1)] }, {
      secret: 'another-secret-000'
    }))
      .statusCode,
    401,
    'forged'
  )
  const withNull = await writeByWhatsapp(app, 'wamid.1', 'a\0b')
  t.match([withNull.statusCode, withNull.json()], [400, { code: 'SERVICE_TEXT_REFUSED' }])
  const misdirected = { messages: [whatsappText('wamid.1', 'x', 1)] }
  t.equal(
    (await postWhatsapp(app, misdirected, { id: '999999' })).statusCode,
    200,
    'another number'
  )
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'account_update', value: 7 }] }]
  })
  const signature = whatsappScheme.sign({ body }, demoSecrets.WHATSAPP_APP_SECRET)
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature }
  t.equal(
    (await app.inject({ method: 'POST', url: '/whatsapp', headers, payload: body })).statusCode,
    200
  )
  t.equal((await postLine(app)).statusCode, 200, "an empty test request of LINE's")
  await postLine(
    app,
    { type: 'follow', replyToken: 'x' },
    { ...lineText('1', 'x'), mode: 'standby' },
    { ...lineText('2', 'x'), source: { type: 'group', groupId: 'C1', userId: 'U1' } },
    { type: 'unsend', unsend: {} }
  )
  t.equal(await stored(), 0)
  t.equal((await reportStatus(app, 'wamid.of-another-system', 'read')).statusCode, 200)
  t.equal((await reportStatus(app, 'wamid.of-another-system', 'warning')).statusCode, 200)
  t.same(await events(app), [])
})

t.test('answers URL verification only to Meta', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const verifyUrl = async (token: string) =>
    await app.inject(
      `/whatsapp?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`
    )
  const verified = await verifyUrl(demoSecrets.WHATSAPP_VERIFY_TOKEN)
  t.match([verified.statusCode, verified.body], [200, '1158201444'])
  t.equal((await verifyUrl('wrong-token-00000')).statusCode, 401)
})

t.test('has no routes without an account; conversations stay readable', async t => {
  const names = Object.keys(settings).filter(name => /^(?:WHATSAPP|LINE)_/.test(name))
  const url = sqliteUrl(t)
  const { app: before } = await service(t, { DATABASE_URL: url })
  await writeByWhatsapp(before, 'wamid.1', 'x')
  await before.close()
  const { app } = await service(t, {
    DATABASE_URL: url,
    ...Object.fromEntries(names.map(name => [name, '']))
  })
  t.same(
    Object.keys((await app.inject('/openapi.json')).json().paths).filter(path =>
      /^\/(?:whatsapp|line)$/.test(path)
    ),
    []
  )
  t.equal((await writeByWhatsapp(app, 'wamid.2', 'x')).statusCode, 404)
  const agent = await signIn(app)
  const [conversation] = await conversations(app, agent)
  t.match(conversation, { maximumLength: null, answerUntil: null })
  const refused = await answer(app, agent, conversation?.id ?? '', 'Hello')
  t.match([refused.statusCode, refused.json()], [409, { code: 'SERVICE_NO_CHANNEL' }])
})

t.test('sends no token without https', async t => {
  for (
    const env of [
      { WHATSAPP_URL: 'http://graph.example.com/v23.0' },
      { LINE_URL: 'http://api.example.com' },
      { LINE_URL: 'https://user@api.example.com' }
    ]
  ) {
    const [name = ''] = Object.keys(env)
    t.throws(() => loadConfig({ ...settings, ...env }), { message: new RegExp(`${name} must be`) })
  }
  t.throws(() => loadConfig({ ...settings, WHATSAPP_PHONE_NUMBER_ID: '../me' }), {
    message: /WHATSAPP_PHONE_NUMBER_ID/
  })
})

onEachStore(t, 'sends an answer once, and its status only advances', async (t, url) => {
  let now = Date.now()
  const { sent, fetch } = sendApis(() => whatsappAccepts('wamid.out'))
  const { app } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
  const { app: second } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
  const agent = await signIn(app)
  await writeByWhatsapp(app, 'wamid.in', 'Where is my order?')
  const [{ id = '' } = {}] = await conversations(app, agent)
  now += 2000
  const messageId = randomUUID()
  const replies = await Promise.all(
    [app, second, app].map(async instance =>
      await answer(instance, agent, id, 'On its way 🚚', messageId)
    )
  )
  t.same(replies.map(({ statusCode }) => statusCode).sort(), [200, 200, 201])
  t.equal(sent.length, 1, 'sent once')
  t.match(sent[0], {
    url: `http://127.0.0.1:8084/v23.0/${phoneNumberId}/messages`,
    body: {
      messaging_product: 'whatsapp',
      to: '821012345678',
      type: 'text',
      text: { body: 'On its way 🚚' },
      biz_opaque_callback_data: messageId
    }
  })
  t.equal(sent[0]?.headers.get('authorization'), `Bearer ${demoSecrets.WHATSAPP_ACCESS_TOKEN}`)
  const status = async () => (await messagesOf(app, agent, id))[0]?.status
  t.equal(await status(), 'sent')
  for (
    const [reported, expected] of [
      ['read', 'read'],
      ['delivered', 'read'],
      ['sent', 'read'],
      ['failed', 'read']
    ] as const
  ) {
    await Promise.all([
      reportStatus(app, 'wamid.out', reported),
      reportStatus(second, 'wamid.out', reported)
    ])
    t.equal(await status(), expected, reported)
  }
  t.same((await events(app)).slice(1), [
    'conversation.message',
    'conversation.status',
    'conversation.status'
  ])
  t.match(await conversations(app, agent), [{
    waiting: false,
    lastMessage: { direction: 'out', agentId: 'minji' }
  }])
  const changed = await answer(app, agent, id, 'Another text', messageId)
  t.match([changed.statusCode, changed.json()], [409, { code: 'SERVICE_MESSAGE_ID_TAKEN' }])
})

onEachStore(
  t,
  'keeps a status that arrives before the reply to the send request',
  async (t, url) => {
    const services: FastifyInstance[] = []
    const { fetch } = sendApis(async () => {
      for (const app of services) await reportStatus(app, 'wamid.fast', 'delivered')
      return whatsappAccepts('wamid.fast')
    })
    const { app } = await service(t, { DATABASE_URL: url }, { fetch })
    services.push(app)
    const agent = await signIn(app)
    await writeByWhatsapp(app, 'wamid.in', 'x')
    const [{ id = '' } = {}] = await conversations(app, agent)
    t.match((await answer(app, agent, id, 'y')).json(), { status: 'delivered' })
  }
)

onEachStore(t, 'shows a refused message as failed, with its code', async (t, url) => {
  const { fetch } = sendApis(() =>
    Response.json({ error: { message: 'too late', code: 131047 } }, { status: 400 })
  )
  const logged: string[] = []
  const { app } = await service(t, { DATABASE_URL: url }, { fetch, logged })
  const agent = await signIn(app)
  await writeByWhatsapp(app, 'wamid.in', 'x')
  const [{ id = '' } = {}] = await conversations(app, agent)
  const refused = await answer(app, agent, id, 'y')
  t.match([refused.statusCode, refused.json()], [502, {
    code: 'SERVICE_MESSAGE_NOT_SENT',
    message: 'The message was not sent: 131047'
  }])
  t.match((await messagesOf(app, agent, id))[0], { text: 'y', status: 'failed', error: '131047' })
  t.notMatch(logged.join(''), /Bearer|token-0001|82101/)

  t.equal((await answer(app, agent, id, '  \n')).json().code, 'SERVICE_NO_TEXT')
  t.equal((await answer(app, agent, id, 'x'.repeat(4097))).json().code, 'SERVICE_TEXT_TOO_LONG')
  t.equal((await answer(app, agent, id, 'a\0')).statusCode, 400)
  t.equal((await answer(app, agent, id, 'x', 'no-uuid')).statusCode, 400)
  t.equal((await answer(app, agent, 'none', 'x')).statusCode, 404)
  t.equal((await messagesOf(app, agent, id)).length, 2, 'refused answers are not stored')
})

onEachStore(
  t,
  'shows an unanswered message as uncertain until the vendor reports',
  async (t, url) => {
    let now = Date.now()
    const { fetch, sent } = sendApis(() => {
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })
    })
    const { app } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
    const agent = await signIn(app)
    await writeByWhatsapp(app, 'wamid.in', 'x')
    const [{ id = '' } = {}] = await conversations(app, agent)
    const lost = await answer(app, agent, id, 'y')
    t.match([lost.statusCode, lost.json()], [504, { code: 'SERVICE_MESSAGE_UNCERTAIN' }])
    const message = async () =>
      (await messagesOf(app, agent, id)).find(({ direction }) => direction === 'out')
    t.match(await message(), { status: 'uncertain', error: 'NO_ANSWER' })
    const messageId = String(sent[0]?.body['biz_opaque_callback_data'])
    await reportStatus(app, 'wamid.named', 'sent', { biz_opaque_callback_data: messageId })
    t.match(await message(), { status: 'sent', error: null })
    await reportStatus(app, 'wamid.named', 'failed', { errors: [{ code: 131026 }] })
    t.match(await message(), { status: 'failed', error: '131026' })
    await reportStatus(app, 'wamid.named', 'delivered')
    t.match(await message(), { status: 'delivered', error: null })

    // The process ends before the vendor answers.
    await app.store.commit(({ db }) =>
      db.updateTable('messages').set({ status: 0 }).where('id', '=', messageId).execute()
    )
    await app.sweepMessages()
    t.match(await message(), { status: 'sending' })
    now += 60_000
    await app.sweepMessages()
    t.match(await message(), { status: 'uncertain', error: 'INTERRUPTED' })
    t.equal((await events(app)).at(-1), 'conversation.status')
  }
)

onEachStore(
  t,
  'answers LINE with the reply token once, then with push messages',
  async (t, url) => {
    let now = Date.now()
    let count = 0
    const { sent, fetch } = sendApis(({ url, body }) =>
      url.endsWith('/reply') && body['replyToken'] === 'token-3'
        ? Response.json({ message: 'Invalid reply token' }, { status: 400 })
        : lineAccepts(`out-${++count}`)
    )
    const { app } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
    const agent = await signIn(app)
    await postLine(app, lineText('1', 'こんにちは'))
    const [{ id = '', ...contact } = {}] = await conversations(app, agent)
    t.match(contact, {
      channel: 'line',
      contactId: 'U4af4980629',
      customer: null,
      verified: false,
      answerUntil: null
    })
    const path = () => new URL(sent.at(-1)?.url ?? '').pathname
    const first = await answer(app, agent, id, 'a')
    t.match([first.statusCode, first.json(), path()], [201, { status: 'sent' }, /reply$/])
    t.match(sent.at(-1)?.body, { replyToken: 'token-1', messages: [{ type: 'text', text: 'a' }] })
    const uuid = randomUUID()
    t.equal((await answer(app, agent, id, 'b', uuid)).statusCode, 201)
    t.match([path(), sent.at(-1)?.body], [/push$/, { to: 'U4af4980629' }])
    t.equal(sent.at(-1)?.headers.get('x-line-retry-key'), uuid)
    await postLine(app, lineText('2', 'old'))
    now += 60_000
    await answer(app, agent, id, 'c')
    t.match(path(), /push$/, 'the reply token has expired')
    await postLine(app, lineText('3', 'new'))
    await answer(app, agent, id, 'd')
    t.match(sent.slice(-2).map(({ url }) => new URL(url).pathname), [/reply$/, /push$/])
    t.equal((await messagesOf(app, agent, id)).length, 7)
  }
)

onEachStore(t, 'an agent links a LINE user to a customer, and unlinks it', async (t, url) => {
  const { app } = await service(t, { DATABASE_URL: url })
  const agent = await signIn(app)
  await postLine(app, lineText('1', 'x'))
  const [{ id = '' } = {}] = await conversations(app, agent)
  const link = async (number: string | null) =>
    await app.inject({
      method: 'PUT',
      url: `/api/conversations/${id}/customer`,
      headers: agent,
      payload: { number }
    })
  t.equal((await link('nobody')).json().code, 'SERVICE_NOT_A_NUMBER')
  t.match((await link('010-1234-5678')).json(), {
    customer: { name: '홍길동' },
    verified: false,
    linkedBy: 'minji'
  })
  await postLine(app, lineText('2', 'y'))
  t.match(await conversations(app, agent), [{ customer: { name: '홍길동' } }], 'the link stays')
  const timeline = await app.inject({
    url: '/api/customers/+821012345678/timeline',
    headers: agent
  })
  t.match(timeline.json().entries, [{ kind: 'messages', data: { channel: 'line' } }])
  t.match((await link(null)).json(), { customer: null, verified: false, linkedBy: null })

  await writeByWhatsapp(app, 'wamid.1', 'x')
  const byWhatsapp = async () =>
    (await conversations(app, agent)).find(({ channel }) => channel === 'whatsapp')
  const whatsapp = await byWhatsapp()
  const relink = async (number: string | null) =>
    (await app.inject({
      method: 'PUT',
      url: `/api/conversations/${whatsapp?.id}/customer`,
      headers: agent,
      payload: { number }
    })).json()
  t.match(await relink('+4740612345'), { verified: false, linkedBy: 'minji' })
  await writeByWhatsapp(app, 'wamid.2', 'x')
  t.match(await byWhatsapp(), { customer: { name: 'Åse Nordmann' } })
  t.match(await relink(null), { verified: true, customer: { name: '홍길동' } })
  t.equal((await events(app)).filter(kind => kind === 'conversation.linked').length, 4)
})

onEachStore(t, 'removes an unsent message, in either order', async (t, url) => {
  const { app } = await service(t, { DATABASE_URL: url })
  const agent = await signIn(app)
  const unsend = (messageId: string) => ({ type: 'unsend', unsend: { messageId } })
  await postLine(app, lineText('1', 'my password is'))
  await postLine(app, unsend('1'))
  await postLine(app, lineText('1', 'my password is'))
  await postLine(app, unsend('2'))
  await postLine(app, lineText('2', 'another secret'))
  const [{ id = '' } = {}] = await conversations(app, agent)
  t.match(await messagesOf(app, agent, id), [
    { kind: 'unsent', text: '' },
    { kind: 'unsent', text: '' }
  ])
  const rows = await app.store.read(db => db.selectFrom('messages').selectAll().execute())
  t.notMatch(JSON.stringify(rows), /password|secret/)
})

t.test('shows the readable part of other kinds of messages', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const agent = await signIn(app)
  const kinds = [
    [{ type: 'image', image: { id: '1', caption: 'The broken part' } }, 'The broken part'],
    [{ type: 'button', button: { text: 'Yes' } }, 'Yes'],
    [{ type: 'interactive', interactive: { button_reply: { id: '1', title: 'Two' } } }, 'Two'],
    [{ type: 'interactive', interactive: { list_reply: { id: '1', title: 'Three' } } }, 'Three'],
    [{ type: 'reaction', reaction: { emoji: '👍' } }, '👍'],
    [{ type: 'location', location: { name: 'Seoul', latitude: 37 } }, 'Seoul'],
    [{ type: 'audio', audio: { id: '1' } }, '']
  ] as const
  const now = app.now()
  await postWhatsapp(app, {
    messages: kinds.map(([content], index) => ({
      ...whatsappText(`wamid.${index}`, '', now),
      text: undefined,
      ...content
    }))
  })
  const [{ id = '' } = {}] = await conversations(app, agent)
  t.match(
    (await messagesOf(app, agent, id)).map(({ kind, text }) => [kind, text]).reverse(),
    kinds.map(([{ type }, text]) => [type, text]),
    'in order of arrival'
  )
  await postWhatsapp(app, {
    messages: [{ ...whatsappText('wamid.x', 'x', now), from: 'no-number' }]
  })
  await postWhatsapp(app, {
    messages: [{ ...whatsappText('wamid.y', 'y', now), timestamp: 'soon' }]
  })
  t.equal((await conversations(app, agent)).length, 1)
  t.equal((await messagesOf(app, agent, id)).length, kinds.length + 1)
})

t.test('channels tell a refused message from an uncertain one', async t => {
  // Keeps the process alive: the deadlines are unreferenced timers.
  const alive = setInterval(() => {}, 1000)
  t.after(() => clearInterval(alive))
  const outgoing = { id: randomUUID(), contactId: '1', text: 'x', replyToken: null }
  const channels = (fetch: typeof globalThis.fetch, token: string | (() => Promise<string>)) => [
    whatsappChannel({ url: 'http://x', phoneNumberId: '1', token, fetch, timeoutMs: 20 }),
    lineChannel({ url: 'http://x', token, fetch, timeoutMs: 20 })
  ]
  const failWith = (code: string) => async () => {
    throw Object.assign(new TypeError('fetch failed'), { cause: { code } })
  }
  const hang: typeof globalThis.fetch = async (_input, init) =>
    await new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
    })
  const answerWith = (text: string, status = 200) => async () => new Response(text, { status })
  for (
    const [fetch, error] of [
      [hang, Uncertain],
      [failWith('ECONNRESET'), Uncertain],
      [failWith('ECONNREFUSED'), NotSent],
      [
        async () => {
          throw Object.assign(new TypeError('fetch failed'), {
            cause: { errors: [{ code: 'EHOSTUNREACH' }] }
          })
        },
        NotSent
      ],
      [answerWith('', 503), Uncertain],
      [answerWith('<html>'), Uncertain],
      [answerWith('7'), Uncertain],
      [answerWith('{"messages":[{"id":""}],"sentMessages":[{"id":7}]}'), Uncertain],
      [answerWith('{}', 429), NotSent]
    ] as const
  ) {
    for (const channel of channels(fetch, 'token')) {
      const message = error === NotSent ? /did not accept/ : /is unknown/
      await t.rejects(channel.send(outgoing), { message }, channel.name)
    }
  }
  const ids = answerWith('{"messages":[{"id":"a"}],"sentMessages":[{"id":"a"}]}')
  for (const token of ['a b', '', async () => '\n', async () => await Promise.reject(Error('x'))]) {
    for (const channel of channels(ids, token)) {
      await t.rejects(channel.send(outgoing), { message: /NO_TOKEN/ })
    }
  }
  for (const channel of channels(ids, async () => 'token')) {
    t.equal(await channel.send(outgoing), 'a')
  }
  const conflict = answerWith('{"message":"already","sentMessages":[{"id":"b"}]}', 409)
  t.equal(await channels(conflict, 'token')[1]?.send(outgoing), 'b', 'LINE has the message already')
})

onEachStore(t, 'retention removes messages, and late copies do not return', async (t, url) => {
  const day = 24 * 60 * 60 * 1000
  let now = Date.now()
  const { app } = await service(t, { DATABASE_URL: url, RETENTION_DAYS: '30' }, { now: () => now })
  const agent = await signIn(app)
  await writeByWhatsapp(app, 'wamid.1', 'old', '4915112345678')
  await writeByWhatsapp(app, 'wamid.2', 'old')
  await reportStatus(app, 'wamid.9', 'sent')
  await app.ring({ number: '+821012345678', customer: undefined, at: null })
  now += 31 * day
  await writeByWhatsapp(app, 'wamid.3', 'new')
  await removeOlderThan(app.store, now - 30 * day)
  const newSession = await signIn(app)
  t.notSame(agent, newSession)
  const [conversation, ...otherConversations] = await conversations(app, newSession)
  t.same(otherConversations, [], 'conversations without new messages are removed')
  t.match(await messagesOf(app, newSession, conversation?.id ?? ''), [{ text: 'new' }])
  await postWhatsapp(app, {
    messages: [whatsappText('wamid.1', 'old', now - 31 * day, '4915112345678')]
  })
  t.equal((await conversations(app, newSession)).length, 1)
  const left = await app.store.read(async db => ({
    statuses: await db.selectFrom('message_statuses').selectAll().execute(),
    events: await db.selectFrom('events').select('kind').execute()
  }))
  t.same(left, { statuses: [], events: [{ kind: 'conversation.message' }] })
})

t.test("limits an agent's changes per minute", async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, { writesPerMinute: 3 })
  const agent = await signIn(app)
  await writeByWhatsapp(app, 'wamid.1', 'x')
  const [{ id = '' } = {}] = await conversations(app, agent)
  const statuses = []
  for (
    const [method, url] of [
      ['PUT', '/api/agents/state'],
      ['POST', '/api/calls/none/accept'],
      ['PUT', '/api/calls/none/wrap-up'],
      ['POST', `/api/conversations/${id}/messages`],
      ['PUT', `/api/conversations/${id}/customer`]
    ] as const
  ) {
    const payload = url.endsWith('state')
      ? { state: 'available', reason: null }
      : url.endsWith('wrap-up')
      ? { disposition: 'Resolved', note: '', seen: null }
      : url.endsWith('messages')
      ? { id: randomUUID(), text: 'x' }
      : url.endsWith('customer')
      ? { number: null }
      : {}
    const reply = await app.inject({ method, url, headers: agent, payload })
    statuses.push(reply.statusCode)
    if (reply.statusCode === 429) {
      t.match(reply.json(), { code: 'SERVICE_TOO_MANY_CHANGES' })
      t.ok(Number(reply.headers['retry-after']) > 0)
    }
  }
  t.same(statuses, [200, 404, 404, 429, 429])
  t.equal(
    (await app.inject({ url: '/api/work', headers: agent })).statusCode,
    200,
    'reading is not limited'
  )
})
