import { setTimeout as delay } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import Fastify from 'fastify'
import itxChat, { scheme } from 'fastify-contact-center/itx-chat'
import t, { type Test } from 'tap'
import {
  type Chat,
  itxChatSimulator,
  type ItxChatSimulatorOptions
} from '../../examples/simulators/itx-chat/app.ts'
import { Chats } from '../../examples/simulators/itx-chat/chats.ts'
import { now } from '../helper.ts'

const secret = 'a-key-of-at-least-16'
const verifiedData = { name: '<b>John</b>', email: 'john@example.com', id: 12 }
const session = { verifiedData, extSystemId: '7', unverifiedData: { page: '/a' } }
const extSystemHash = scheme.sign(session, secret)

async function start (t: Test, options: Partial<ItxChatSimulatorOptions> = {}) {
  const app = await itxChatSimulator({ secret, now: () => now, ...options })
  t.after(() => app.close())
  return {
    app,
    post: async (url: string, payload: object) => await app.inject({ method: 'POST', url, payload })
  }
}

t.test('a verified chat, and its forged twin with a warning', async t => {
  const seen: boolean[] = []
  const { app, post } = await start(t, {
    onSession: chat => {
      seen.push(chat.verified)
    }
  })
  t.match((await app.inject('/agent')).body, 'No chats yet')
  const good = (await post('/session', { ...session, extSystemHash })).json()
  const forged = (await post('/session', {
    ...session,
    verifiedData: { ...verifiedData, name: 'Jane' },
    extSystemHash
  })).json()
  const bare = (await post('/session', {})).json()
  t.match([good, forged, bare], [{ verified: true }, { verified: false }, { verified: false }])
  t.same(seen, [true, false, false])
  t.match((await app.inject('/lab/chats')).json(), [
    {
      id: good.sessionId,
      verified: true,
      verifiedData,
      root: { extSystemId: '7' },
      unverifiedData: { page: '/a' },
      messages: []
    },
    { id: forged.sessionId, verified: false, verifiedData: { name: 'Jane' } },
    { id: bare.sessionId, verified: false, verifiedData: {}, root: {}, unverifiedData: {} }
  ])
  const agent = (await app.inject('/agent')).body
  t.match(agent, '<td>&#60;b&#62;John&#60;/b&#62;</td><td class="verified">verified</td>')
  t.match(agent, '<td>Jane</td><td class="warning">warning</td>')
  t.match(agent, '<td>/a</td><td class="not verified">not verified</td>')
  t.notMatch(agent, '<b>John')
  t.match((await app.inject('/lab')).body, /verified.*warning/s)
  t.match((await app.inject('/lab/events?since=1')).json(), [
    {
      kind: 'session',
      outcome: 'refused',
      detail: { sessionId: forged.sessionId, code: 'FST_CC_SIGNATURE_INVALID' }
    },
    { kind: 'session', outcome: 'refused', detail: { code: 'FST_CC_SIGNATURE_MISSING' } }
  ])
  t.equal((await post('/session', { unverifiedData: 1 })).statusCode, 400)
})

t.test('hashes the text on the wire', async t => {
  const { app } = await start(t)
  const text = '{"a":1.0,"id":12345678901234567890,"__proto__":"p"}'
  const reply = await app.inject({
    method: 'POST',
    url: '/session',
    headers: { 'content-type': 'application/json' },
    payload: `{"extSystemHash":"${
      scheme.sign({ verifiedData: text }, secret)
    }","verifiedData":${text}}`
  })
  t.equal(reply.json().verified, true)
})

t.test('a customer logs in or out during the chat', async t => {
  const { app, post } = await start(t)
  const { sessionId } = (await post('/session', { ...session, extSystemHash })).json()
  const later = {
    verifiedData: { name: 'Jane' },
    extSystemHash: scheme.sign({ verifiedData: { name: 'Jane' } }, secret)
  }
  const chat = async (): Promise<Chat> => (await app.inject('/lab/chats')).json()[0]
  t.same((await post(`/session/${sessionId}/verify`, later)).json(), { sessionId, verified: true })
  t.match(await chat(), {
    verified: true,
    verifiedData: { name: 'Jane' },
    unverifiedData: { page: '/a' }
  })
  t.same((await chat()).root, {}, 'the new hash says nothing about the old root values')
  t.same((await post(`/session/${sessionId}/verify`, { ...later, verifiedData })).json(), {
    sessionId,
    verified: false
  })
  t.match(await chat(), { verified: false, verifiedData })
  t.match((await app.inject('/lab/events?since=1')).json(), [{
    kind: 'verify-session',
    outcome: 'accepted'
  }, { kind: 'verify-session', outcome: 'refused' }])
})

t.test('sends messages both ways, and none without a chat', async t => {
  const { app, post } = await start(t)
  const { sessionId } = (await post('/session', { ...session, extSystemHash })).json()
  const url = `/session/${sessionId}/messages`
  t.same((await post(url, { text: 'hello' })).json(), {
    id: 1,
    from: 'customer',
    at: now,
    text: 'hello'
  })
  const answer = await app.inject({
    method: 'POST',
    url: `/agent/chats/${sessionId}/messages`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'text=hi+%3Ci%3E'
  })
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/agent')
  t.match((await app.inject(url)).json(), [{ from: 'customer', text: 'hello' }, {
    from: 'agent',
    text: 'hi <i>'
  }])
  t.match((await app.inject('/agent')).body, /customer: hello.*agent: hi &#60;i&#62;/s)
  t.equal((await post(url, { text: '' })).statusCode, 400)
  const nobody = '/session/123e4567-e89b-42d3-a456-426614174000'
  for (const path of ['/messages', '/verify']) {
    t.equal((await post(nobody + path, { text: 'x' })).statusCode, 404, path)
  }
  t.equal((await app.inject('/session/1/messages')).statusCode, 400)
})

t.test('allows chats from listed origins only', async t => {
  const { app } = await start(t, { origins: 'https://shop.example, https://shop2.example' })
  const preflight = async (origin: string) =>
    (await app.inject({
      method: 'OPTIONS',
      url: '/session',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type'
      }
    })).headers['access-control-allow-origin']
  t.equal(await preflight('https://shop.example'), 'https://shop.example')
  t.equal(await preflight('https://evil.example'), undefined)
})

t.test('keeps a bounded number of chats', async t => {
  const chats = new Chats(() => now)
  const first = chats.open({}, { verified: true, checked: true })
  for (let i = 0; i < 500; i++) chats.open({}, { verified: false, checked: true })
  t.equal(chats.all().length, 500)
  t.equal(chats.get(first.id), undefined)
  for (let i = 0; i < 502; i++) chats.addMessage(first, 'customer', 'x')
  t.match(first.messages, { length: 500, 499: { id: 502 } })
})

t.test("the widget in our site's page works with the portal", async t => {
  const { app } = await start(t)
  const portal = await app.listen({ host: '127.0.0.1', port: 0 })
  const src = `${portal}/itx-plugin.js`
  const site = Fastify()
  t.after(() => site.close())
  await site.register(itxChat, { keys: secret })
  const inline = /<script>(.*)<\/script>/.exec(await site.itxChat.embed(session, { src }))?.[1] ??
    ''
  const script = await fetch(src)
  t.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8')

  const browser = fakeBrowser(src)
  t.after(() => browser.end())
  runInNewContext(inline, browser.context)
  const widget = await script.text()
  runInNewContext(widget, browser.context)
  runInNewContext(widget, browser.context)
  await browser.until(() => browser.text().startsWith('Chat (verified)'))
  const chats = async (): Promise<Chat[]> =>
    await (await fetch(`${portal}/lab/chats`)).json() as Chat[]
  const [chat, ...otherChats] = await chats()
  t.same(otherChats, [], 'the script ran once')
  t.match(chat, { verified: true, verifiedData, root: { extSystemId: '7' } })

  browser.say('hello')
  await browser.until(() => browser.text().includes('You: hello'))
  const verifySession = (browser.context.window['itxChatUtils'] as {
    verifySession: (session: object) => Promise<{ verified: boolean }>
  }).verifySession
  t.match(await verifySession(await site.itxChat.verifySession({ name: 'Jane' })), {
    verified: true
  })
  t.match(
    await verifySession({
      ...await site.itxChat.verifySession({ name: 'Jane' }),
      verifiedData: { name: 'John' }
    }),
    { verified: false }
  )
  t.equal((await chats())[0]?.verified, false)
  t.notOk(browser.text().includes('verified'))
})

interface Element {
  tag: string
  children: Element[]
  textContent: string
  value: string
  listeners: Record<string, (event: object) => void>
}

/** A minimal browser for the widget. */
function fakeBrowser (src: string) {
  const createElement = (tag: string) => {
    const element = {
      tag,
      style: {},
      remove () {
        body.children.splice(body.children.indexOf(element), 1)
      },
      children: [] as Element[],
      textContent: '',
      value: '',
      listeners: {} as Element['listeners'],
      setAttribute () {},
      append (child: Element) {
        element.children.push(child)
      },
      replaceChildren () {
        element.children.length = 0
      },
      addEventListener (name: string, listener: (event: object) => void) {
        element.listeners[name] = listener
      }
    }
    return element
  }
  const body = createElement('body')
  const timers: NodeJS.Timeout[] = []
  const all = (element: Element): Element[] => [element, ...element.children.flatMap(all)]
  const find = (tag: string) => all(body).find(element => element.tag === tag)
  const window: Record<string, unknown> = {}
  return {
    context: {
      window,
      location: { href: `${new URL(src).origin}/help?a=1` },
      document: { body, createElement, currentScript: { src } },
      fetch,
      URL,
      setInterval: (...args: Parameters<typeof setInterval>) => {
        timers.push(setInterval(...args))
      }
    },
    text: () => all(body).map(element => element.textContent).join(''),
    say (text: string) {
      const input = find('input')
      if (input !== undefined) input.value = text
      find('form')?.listeners['submit']?.({ preventDefault () {} })
    },
    async until (holds: () => boolean) {
      for (let i = 0; i < 200 && !holds(); i++) await delay(10)
    },
    end: () => timers.forEach(timer => clearInterval(timer))
  }
}
