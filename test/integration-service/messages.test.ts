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

/** Posts a change of a number as Meta delivers it. */
async function meta (
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

function written (id: string, body: string, at: number, from = '821012345678') {
  return { id, from, timestamp: String(Math.floor(at / 1000)), type: 'text', text: { body } }
}

/** A customer writes by WhatsApp. */
async function write (app: FastifyInstance, id: string, body: string, from = '821012345678') {
  return await meta(app, {
    contacts: [{ wa_id: from, profile: { name: 'Mr. Bank Manager' } }],
    messages: [written(id, body, app.now(), from)]
  })
}

async function tell (app: FastifyInstance, id: string, status: string, more: object = {}) {
  const timestamp = String(Math.floor(app.now() / 1000))
  return await meta(app, { statuses: [{ id, status, timestamp, ...more }] })
}

/** As LINE delivers events. */
async function line (app: FastifyInstance, ...events: object[]) {
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

/** The vendors' send APIs: `answer` is asked for each message. */
function vendors (answer: (sent: Sent) => Response | Promise<Response>) {
  const sent: Sent[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const one = {
      url: String(input),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)) as Record<string, unknown>
    }
    sent.push(one)
    return await answer(one)
  }
  return { sent, fetch }
}

const taken = (id: string) =>
  Response.json({ messaging_product: 'whatsapp', contacts: [], messages: [{ id }] })
const takenByLine = (id: string) => Response.json({ sentMessages: [{ id }] })

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
  t.notMatch(JSON.stringify(rows), /Bank|안녕|홍길동|8210/, 'events say nothing of people')
  return rows.map(({ kind }) => kind)
}

onEachStore(t, "each customer's messages become one conversation, once", async (t, url) => {
  let now = Date.now()
  const { app } = await service(t, { DATABASE_URL: url }, { now: () => now })
  const { app: other } = await service(t, { DATABASE_URL: url }, { now: () => now })
  const agent = await signIn(app)
  t.same(await conversations(app, agent), [])
  const replies = await Promise.all(
    [app, other, app, other].map(async one => await write(one, 'wamid.1', '안녕하세요'))
  )
  t.same(replies.map(({ statusCode }) => statusCode), [200, 200, 200, 200])
  now += 5000
  const late = { contacts: [], messages: [written('wamid.0', 'earlier', now - 60_000)] }
  await meta(other, late)
  await meta(app, late)
  const [conversation, ...others] = await conversations(app, agent)
  t.same(others, [])
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

  await write(app, 'wamid.2', 'Oi', '551161234567')
  await write(app, 'wamid.3', 'Hi', '4915112345678')
  t.match(await conversations(app, agent), [
    { contactId: '4915112345678', customer: null, customerNumber: '+4915112345678' },
    { contactId: '551161234567', customer: { name: 'Maria da Silva' } },
    {}
  ])
  const first = (await app.inject({ url: '/api/conversations?limit=2', headers: agent })).json()
  const second = (await app.inject({
    url: `/api/conversations?limit=2&before=${first.next}`,
    headers: agent
  })).json()
  t.match([first.conversations.length, second.conversations.length, second.next], [2, 1, null])
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

t.test('does not store messages of other numbers', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const agent = await signIn(app)
  const kept = async () => (await conversations(app, agent)).length
  t.equal(
    (await meta(app, { messages: [written('wamid.1', 'x', 1)] }, { secret: 'another-secret-000' }))
      .statusCode,
    401,
    'forged'
  )
  const withNull = await write(app, 'wamid.1', 'a\0b')
  t.match([withNull.statusCode, withNull.json()], [400, { code: 'SERVICE_TEXT_REFUSED' }])
  const elsewhere = { messages: [written('wamid.1', 'x', 1)] }
  t.equal((await meta(app, elsewhere, { id: '999999' })).statusCode, 200, 'another number')
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
  t.equal((await line(app)).statusCode, 200, 'LINE tries the address')
  await line(
    app,
    { type: 'follow', replyToken: 'x' },
    { ...lineText('1', 'x'), mode: 'standby' },
    { ...lineText('2', 'x'), source: { type: 'group', groupId: 'C1', userId: 'U1' } },
    { type: 'unsend', unsend: {} }
  )
  t.equal(await kept(), 0)
  t.equal((await tell(app, 'wamid.of-another-system', 'read')).statusCode, 200)
  t.equal((await tell(app, 'wamid.of-another-system', 'warning')).statusCode, 200)
  t.same(await events(app), [])
})

t.test('answers URL verification only to Meta', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const ask = async (token: string) =>
    await app.inject(
      `/whatsapp?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`
    )
  const right = await ask(demoSecrets.WHATSAPP_VERIFY_TOKEN)
  t.match([right.statusCode, right.body], [200, '1158201444'])
  t.equal((await ask('wrong-token-00000')).statusCode, 401)
})

t.test('without an account there are no routes, and conversations stay to be read', async t => {
  const names = Object.keys(settings).filter(name => /^(?:WHATSAPP|LINE)_/.test(name))
  const url = sqliteUrl(t)
  const { app: before } = await service(t, { DATABASE_URL: url })
  await write(before, 'wamid.1', 'x')
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
  t.equal((await write(app, 'wamid.2', 'x')).statusCode, 404)
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

onEachStore(t, 'sends an answer once, and its status never goes back', async (t, url) => {
  let now = Date.now()
  const { sent, fetch } = vendors(() => taken('wamid.out'))
  const { app } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
  const { app: other } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
  const agent = await signIn(app)
  await write(app, 'wamid.in', 'Where is my order?')
  const [{ id = '' } = {}] = await conversations(app, agent)
  now += 2000
  const messageId = randomUUID()
  const replies = await Promise.all(
    [app, other, app].map(async one => await answer(one, agent, id, 'On its way 🚚', messageId))
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
    const [told, seen] of [
      ['read', 'read'],
      ['delivered', 'read'],
      ['sent', 'read'],
      ['failed', 'read']
    ] as const
  ) {
    await Promise.all([tell(app, 'wamid.out', told), tell(other, 'wamid.out', told)])
    t.equal(await status(), seen, told)
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

onEachStore(t, 'counts a status that overtakes the reply to the sending', async (t, url) => {
  const services: FastifyInstance[] = []
  const { fetch } = vendors(async () => {
    for (const app of services) await tell(app, 'wamid.fast', 'delivered')
    return taken('wamid.fast')
  })
  const { app } = await service(t, { DATABASE_URL: url }, { fetch })
  services.push(app)
  const agent = await signIn(app)
  await write(app, 'wamid.in', 'x')
  const [{ id = '' } = {}] = await conversations(app, agent)
  t.match((await answer(app, agent, id, 'y')).json(), { status: 'delivered' })
})

onEachStore(t, 'shows a refused message as failed, with its code', async (t, url) => {
  const { fetch } = vendors(() =>
    Response.json({ error: { message: 'too late', code: 131047 } }, { status: 400 })
  )
  const logged: string[] = []
  const { app } = await service(t, { DATABASE_URL: url }, { fetch, logged })
  const agent = await signIn(app)
  await write(app, 'wamid.in', 'x')
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
  t.equal((await messagesOf(app, agent, id)).length, 2, 'nothing of it was kept')
})

onEachStore(
  t,
  'shows an unanswered message as uncertain until the vendor reports',
  async (t, url) => {
    let now = Date.now()
    const { fetch, sent } = vendors(() => {
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })
    })
    const { app } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
    const agent = await signIn(app)
    await write(app, 'wamid.in', 'x')
    const [{ id = '' } = {}] = await conversations(app, agent)
    const lost = await answer(app, agent, id, 'y')
    t.match([lost.statusCode, lost.json()], [504, { code: 'SERVICE_MESSAGE_UNCERTAIN' }])
    const message = async () =>
      (await messagesOf(app, agent, id)).find(({ direction }) => direction === 'out')
    t.match(await message(), { status: 'uncertain', error: 'NO_ANSWER' })
    const ours = String(sent[0]?.body['biz_opaque_callback_data'])
    await tell(app, 'wamid.named', 'sent', { biz_opaque_callback_data: ours })
    t.match(await message(), { status: 'sent', error: null })
    await tell(app, 'wamid.named', 'failed', { errors: [{ code: 131026 }] })
    t.match(await message(), { status: 'failed', error: '131026' })
    await tell(app, 'wamid.named', 'delivered')
    t.match(await message(), { status: 'delivered', error: null })

    // The process ends before the vendor answers.
    await app.store.commit(({ db }) =>
      db.updateTable('messages').set({ status: 0 }).where('id', '=', ours).execute()
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
    const { sent, fetch } = vendors(({ url, body }) =>
      url.endsWith('/reply') && body['replyToken'] === 'token-3'
        ? Response.json({ message: 'Invalid reply token' }, { status: 400 })
        : takenByLine(`out-${++count}`)
    )
    const { app } = await service(t, { DATABASE_URL: url }, { fetch, now: () => now })
    const agent = await signIn(app)
    await line(app, lineText('1', 'こんにちは'))
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
    await line(app, lineText('2', 'old'))
    now += 60_000
    await answer(app, agent, id, 'c')
    t.match(path(), /push$/, 'the token was too old')
    await line(app, lineText('3', 'new'))
    await answer(app, agent, id, 'd')
    t.match(sent.slice(-2).map(({ url }) => new URL(url).pathname), [/reply$/, /push$/])
    t.equal((await messagesOf(app, agent, id)).length, 7)
  }
)

onEachStore(t, 'an agent links a LINE user to a customer, and unlinks it', async (t, url) => {
  const { app } = await service(t, { DATABASE_URL: url })
  const agent = await signIn(app)
  await line(app, lineText('1', 'x'))
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
  await line(app, lineText('2', 'y'))
  t.match(await conversations(app, agent), [{ customer: { name: '홍길동' } }], 'and it stays')
  const timeline = await app.inject({
    url: '/api/customers/+821012345678/timeline',
    headers: agent
  })
  t.match(timeline.json().entries, [{ kind: 'messages', data: { channel: 'line' } }])
  t.match((await link(null)).json(), { customer: null, verified: false, linkedBy: null })

  await write(app, 'wamid.1', 'x')
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
  await write(app, 'wamid.2', 'x')
  t.match(await byWhatsapp(), { customer: { name: 'Åse Nordmann' } })
  t.match(await relink(null), { verified: true, customer: { name: '홍길동' } })
  t.equal((await events(app)).filter(kind => kind === 'conversation.linked').length, 4)
})

onEachStore(t, 'removes an unsent message, in either order', async (t, url) => {
  const { app } = await service(t, { DATABASE_URL: url })
  const agent = await signIn(app)
  const unsend = (messageId: string) => ({ type: 'unsend', unsend: { messageId } })
  await line(app, lineText('1', 'my password is'))
  await line(app, unsend('1'))
  await line(app, lineText('1', 'my password is'))
  await line(app, unsend('2'))
  await line(app, lineText('2', 'another secret'))
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
  await meta(app, {
    messages: kinds.map(([content], index) => ({
      ...written(`wamid.${index}`, '', now),
      text: undefined,
      ...content
    }))
  })
  const [{ id = '' } = {}] = await conversations(app, agent)
  t.match(
    (await messagesOf(app, agent, id)).map(({ kind, text }) => [kind, text]).reverse(),
    kinds.map(([{ type }, text]) => [type, text]),
    'in the order in which they came'
  )
  await meta(app, { messages: [{ ...written('wamid.x', 'x', now), from: 'no-number' }] })
  await meta(app, { messages: [{ ...written('wamid.y', 'y', now), timestamp: 'soon' }] })
  t.equal((await conversations(app, agent)).length, 1)
  t.equal((await messagesOf(app, agent, id)).length, kinds.length + 1)
})

t.test('channels report whether a message was certainly sent', async t => {
  // A deadline alone keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  t.after(() => clearInterval(alive))
  const outgoing = { id: randomUUID(), contactId: '1', text: 'x', replyToken: null }
  const channels = (fetch: typeof globalThis.fetch, token: string | (() => Promise<string>)) => [
    whatsappChannel({ url: 'http://x', phoneNumberId: '1', token, fetch, timeoutMs: 20 }),
    lineChannel({ url: 'http://x', token, fetch, timeoutMs: 20 })
  ]
  const failed = (code: string) => async () => {
    throw Object.assign(new TypeError('fetch failed'), { cause: { code } })
  }
  const never: typeof globalThis.fetch = async (_input, init) =>
    await new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
    })
  const reply = (text: string, status = 200) => async () => new Response(text, { status })
  for (
    const [fetch, error] of [
      [never, Uncertain],
      [failed('ECONNRESET'), Uncertain],
      [failed('ECONNREFUSED'), NotSent],
      [
        async () => {
          throw Object.assign(new TypeError('fetch failed'), {
            cause: { errors: [{ code: 'EHOSTUNREACH' }] }
          })
        },
        NotSent
      ],
      [reply('', 503), Uncertain],
      [reply('<html>'), Uncertain],
      [reply('7'), Uncertain],
      [reply('{"messages":[{"id":""}],"sentMessages":[{"id":7}]}'), Uncertain],
      [reply('{}', 429), NotSent]
    ] as const
  ) {
    for (const channel of channels(fetch, 'token')) {
      const message = error === NotSent ? /did not accept/ : /is unknown/
      await t.rejects(channel.send(outgoing), { message }, channel.name)
    }
  }
  const ids = reply('{"messages":[{"id":"a"}],"sentMessages":[{"id":"a"}]}')
  for (const token of ['a b', '', async () => '\n', async () => await Promise.reject(Error('x'))]) {
    for (const channel of channels(ids, token)) {
      await t.rejects(channel.send(outgoing), { message: /NO_TOKEN/ })
    }
  }
  for (const channel of channels(ids, async () => 'token')) {
    t.equal(await channel.send(outgoing), 'a')
  }
  const again = reply('{"message":"already","sentMessages":[{"id":"b"}]}', 409)
  t.equal(await channels(again, 'token')[1]?.send(outgoing), 'b', 'LINE has it already')
})

onEachStore(t, 'retention removes messages, and repeats stay away', async (t, url) => {
  const day = 24 * 60 * 60 * 1000
  let now = Date.now()
  const { app } = await service(t, { DATABASE_URL: url, RETENTION_DAYS: '30' }, { now: () => now })
  const agent = await signIn(app)
  await write(app, 'wamid.1', 'old', '4915112345678')
  await write(app, 'wamid.2', 'old')
  await tell(app, 'wamid.9', 'sent')
  await app.ring({ number: '+821012345678', customer: undefined, at: null })
  now += 31 * day
  await write(app, 'wamid.3', 'new')
  await removeOlderThan(app.store, now - 30 * day)
  const again = await signIn(app)
  t.notSame(agent, again)
  const [conversation, ...others] = await conversations(app, again)
  t.same(others, [], 'whoever wrote nothing since is forgotten')
  t.match(await messagesOf(app, again, conversation?.id ?? ''), [{ text: 'new' }])
  await meta(app, { messages: [written('wamid.1', 'old', now - 31 * day, '4915112345678')] })
  t.equal((await conversations(app, again)).length, 1)
  const left = await app.store.read(async db => ({
    statuses: await db.selectFrom('message_statuses').selectAll().execute(),
    events: await db.selectFrom('events').select('kind').execute()
  }))
  t.same(left, { statuses: [], events: [{ kind: 'conversation.message' }] })
})

t.test("limits an agent's changes per minute", async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) }, { writesPerMinute: 3 })
  const agent = await signIn(app)
  await write(app, 'wamid.1', 'x')
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
  t.equal((await app.inject({ url: '/api/work', headers: agent })).statusCode, 200, 'and reads on')
})
