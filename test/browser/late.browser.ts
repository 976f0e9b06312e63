import type { Page } from 'playwright-core'
import t from 'tap'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { launchChromium, until, visitor } from './chromium.ts'
import { apiAgent, callIn, openDesk, order, start, typeSignIn, write } from './desk-helper.ts'
import { hold } from './slow-network.ts'

const [minjiSignIn, jonasSignIn] = demoSignIns.agents
const [member] = demoSignIns.members
const gildong = '+821012345678'
const maria = '+5511961234567'
const ase = '+4740612345'

const incoming = (page: Page, name: string) =>
  page.locator('#incoming:not([inert])').filter({ hasText: name })
const isIdle = async (page: Page, id: string): Promise<void> =>
  await until(
    `${id} is idle`,
    async () => await page.locator(id).getAttribute('aria-busy') !== 'true'
  )
const focused = async (page: Page) => await page.evaluate<string>('document.activeElement.name')

t.test('answers, events and clicks that come late, twice or in another order', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const stack = await start(t, undefined)
  const { urls, service } = stack
  const { page, context } = await openDesk(t, browser, stack, 0, faults)
  const minji = await apiAgent(service, 0)
  const jonas = await apiAgent(service, 1)
  await jonas.available()
  const ringingId = async (): Promise<string> => {
    const { ringing } = await jonas.get('/api/work') as { ringing: Array<{ callSerialNo: string }> }
    return ringing[0]?.callSerialNo ?? ''
  }
  const jonasAccepts = async (): Promise<string> => {
    const id = await ringingId()
    await jonas.post(`/api/calls/${id}/accept`)
    return id
  }
  const alerts = page.locator('#alerts .toast')

  await t.test('a slow answer brings back no call that another agent took', async t => {
    const other = await context.newPage()
    await other.goto(`${urls.service}/desk`)
    await other.locator('#team[aria-busy=false]').waitFor()
    await callIn(stack, gildong)
    await incoming(page, '홍길동').waitFor()
    const work = await hold(other, '**/api/work')
    await other.reload()
    await work.waiting()
    const id = await jonasAccepts()
    await page.getByText('Jonas Weber answered 홍길동').waitFor()
    await work.release()
    await other.locator('#team li').filter({ hasText: 'On a call' }).waitFor()
    t.notOk(await other.locator('#incoming').isVisible())
    await other.close()
    await jonas.close(id)
  })

  await t.test('accepts once, and an old answer does not reopen an ended call', async t => {
    await callIn(stack, gildong)
    await incoming(page, '홍길동').waitFor()
    const accept = await hold(page, '**/accept', { method: 'POST' })
    const id = await ringingId()
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('a')
    await page.keyboard.press('a')
    await accept.waiting()
    await page.locator('#accept').dispatchEvent('click')
    await page.locator('#live-call').filter({ hasText: 'Connected' }).waitFor()
    await minji.close(id)
    const row = page.locator('#calls li').filter({ hasText: 'Closed by the agent' })
    await row.waitFor()
    t.equal(accept.requests.length, 1)
    await accept.release()
    await isIdle(page, '#accept')
    t.ok(await row.isVisible())
    t.notOk(await page.locator('#live-call').isVisible())
    t.equal(await alerts.count(), 0)
  })

  await t.test('still rings after an Accept without an answer', async t => {
    await callIn(stack, gildong)
    await incoming(page, '홍길동').waitFor()
    await page.route('**/accept', async route => await route.abort())
    await page.getByRole('button', { name: 'Accept' }).click()
    await alerts.filter({ hasText: 'not responding' }).waitFor()
    t.ok(await page.locator('#incoming').isVisible())
    await page.unroute('**/accept')
    await alerts.getByRole('button').click()

    const accept = await hold(page, '**/accept', { method: 'POST', what: 'request' })
    await page.getByRole('button', { name: 'Accept' }).click()
    await accept.waiting()
    const id = await jonasAccepts()
    await page.locator('#toasts').filter({ hasText: 'Jonas Weber answered 홍길동' }).waitFor()
    await accept.release()
    await isIdle(page, '#accept')
    t.equal(await alerts.count(), 0, 'a late refusal does not repeat the notice')
    await jonas.close(id)
  })

  await t.test('two Dial buttons on a slow network: the second one asks', async t => {
    const calls = await hold(page, '**/api/calls', { method: 'POST' })
    await page.getByLabel('Number to dial').fill(maria)
    await page.getByLabel('Number to dial').press('Enter')
    await calls.waiting()
    await page.locator('#card-dial').click()
    await calls.release()
    const ask = page.getByRole('dialog', { name: 'You are on a call' })
    await ask.filter({ hasText: 'Maria da Silva' }).waitFor()
    t.equal(calls.requests.length, 1)
    await ask.getByRole('button', { name: 'Do not dial' }).click()
    await page.locator('#live-call').filter({ hasText: 'Maria da Silva' }).waitFor()
    const again = await hold(page, '**/api/calls', { method: 'POST' })
    await page.getByLabel('Number to dial').fill(ase)
    await page.keyboard.press('Enter')
    await ask.waitFor()
    await page.keyboard.press('Enter')
    await ask.waitFor({ state: 'hidden' })
    await isIdle(page, '#dial button')
    t.equal(again.requests.length, 0, 'Enter pressed twice dials nothing')
    await again.release()
    await page.getByLabel('Number to dial').fill('')
  })

  await t.test('a call ends while its note is typed: the rest is neither lost nor a shortcut', async t => {
    const { calls } = await minji.get('/api/work') as { calls: Array<{ callSerialNo: string }> }
    await page.locator('#live-note').focus()
    await page.keyboard.type('Call b')
    await minji.close(calls[0]?.callSerialNo ?? '')
    await page.getByText('No live call').waitFor()
    await page.keyboard.type('ack, and c')
    const note = page.locator('#wrap-up textarea')
    t.equal(await note.inputValue(), 'Call back, and c')
    t.equal(await page.locator('#card-name').textContent(), 'Maria da Silva')

    const line = await order(`${urls.huaweiAicc}/lab/incoming`, {
      caller: ase,
      called: '+82215881001'
    }) as { call: { callSerialNo: string } }
    await order(`${urls.huaweiAicc}/lab/calls/${line.call.callSerialNo}/connect`)
    // The vendor names the caller only at the end.
    await page.locator('#live-call').filter({ hasText: 'Unknown number' }).waitFor()
    await page.keyboard.type('all')
    t.equal(await note.inputValue(), 'Call back, and call', 'a new call leaves the form alone')
    await order(`${urls.huaweiAicc}/lab/calls/${line.call.callSerialNo}/release`, { reason: '1' })
    await page.getByText('No live call').waitFor()

    const save = await hold(page, '**/wrap-up', { method: 'PUT' })
    await page.locator('#wrap-up select').selectOption('Resolved')
    await page.getByRole('button', { name: 'Save' }).click()
    await save.waiting()
    await note.press('End')
    await page.keyboard.type(' her')
    await save.release()
    await page.getByText('Saved: Maria da Silva').waitFor()
    await page.locator('#timeline li').filter({ hasText: 'Note by Kim Min-ji' }).waitFor()
    t.equal(await note.inputValue(), 'Call back, and call her', 'text typed while saving stays')
  })

  await t.test('the last of two quick choices of a state wins', async () => {
    const state = await hold(page, '**/agents/state', { method: 'PUT' })
    await page.getByLabel('My state').selectOption({ label: 'Away: Lunch' })
    await state.waiting()
    await page.getByLabel('My state').selectOption({ label: 'Away: Meeting' })
    const own = page.locator('#team li').filter({ hasText: 'Kim Min-ji' })
    await own.filter({ hasText: 'Away: Lunch' }).waitFor()
    await state.release()
    await own.filter({ hasText: 'Away: Meeting' }).waitFor()
    await page.getByLabel('My state').selectOption({ label: 'Available' })
    await own.filter({ hasText: 'Available' }).waitFor()
  })

  await t.test('a page that was asked for comes, also after an event', async () => {
    for (let index = 0; index < 17; index++) await jonas.close(await jonas.dial(maria))
    await page.locator('#history-news').click()
    await page.locator('#older:enabled').waitFor()
    await page.mouse.move(5, 5)
    const older = await hold(page, /api\/calls\?.*before=/)
    await page.locator('#older').click()
    await older.waiting()
    await minji.close(await minji.dial(ase))
    await page.locator('#calls li').filter({ hasText: 'Åse Nordmann' }).filter({
      hasText: 'Closed by the agent'
    }).waitFor()
    // The event refreshes the history after a moment.
    await page.waitForTimeout(500)
    await older.release()
    await page.getByText('Page 2').waitFor()
  })

  await t.test('an answer goes to the customer on screen, once', async t => {
    await write(stack, 'whatsapp', { contact: gildong.slice(1), text: 'A' })
    await write(stack, 'line', { contact: 'U4af4980629f1e6e9', text: 'B' })
    const rows = page.locator('#conversations')
    const title = page.locator('#conversation-name')
    await rows.getByRole('button', { name: 'LINE user' }).click()
    await page.getByText('Link to a customer').click()
    await page.getByLabel('Customer’s number').fill(ase)
    const link = await hold(page, '**/customer', { method: 'PUT' })
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await link.waiting()
    await rows.getByRole('button', { name: '홍길동' }).click()
    await link.release()
    await rows.getByRole('button', { name: 'Åse Nordmann' }).waitFor()
    await isIdle(page, '#link button')
    t.equal(await title.textContent(), '홍길동')

    const sent: unknown[] = []
    await page.route('**/messages', async route => {
      sent.push([new URL(route.request().url()).pathname, route.request().postDataJSON().id])
      if (sent.length === 1) await route.abort()
      else await route.continue()
    })
    const answer = page.locator('#answer textarea')
    await answer.fill('C')
    await answer.press('Enter')
    await page.getByText('The service is not responding').waitFor()
    await rows.getByRole('button', { name: 'Åse Nordmann' }).click()
    await rows.getByRole('button', { name: '홍길동' }).click()
    await answer.press('Enter')
    await page.locator('#thread li').filter({ hasText: 'C' }).waitFor()
    t.equal(sent.length, 2)
    t.same(sent[0], sent[1], 'the same message to the same customer')
    await page.unroute('**/messages')
  })

  await t.test('loads again by itself after an error', async t => {
    const failures: string[] = []
    for (const url of ['**/agents/session', '**/api/work']) {
      await page.route(url, async route => {
        failures.push(url)
        await route.fulfill({ status: 503, json: { message: 'The database is unavailable' } })
      }, { times: 1 })
    }
    await page.reload()
    await page.locator('#problem').filter({ hasText: 'database is unavailable' }).waitFor()
    t.notOk(await page.locator('#sign-in-panel').isVisible(), 'the session may be valid')
    await page.locator('#team[aria-busy=false]').waitFor()
    await page.locator('#problem').waitFor({ state: 'hidden' })
    t.equal(failures.length, 2)
  })

  await t.test('tabs follow when the stream resumes, also a tab opened meanwhile', async () => {
    const second = await context.newPage()
    await second.goto(`${urls.service}/desk`)
    await second.locator('#team[aria-busy=false]').waitFor()
    await page.route('**/api/events*', async route => await route.abort())
    service.server.closeAllConnections()
    for (const tab of [page, second]) {
      await tab.getByRole('status').filter({ hasText: 'Reconnecting' }).waitFor()
    }
    const third = await context.newPage()
    await third.goto(`${urls.service}/desk`)
    await third.locator('#who').waitFor()
    await page.unroute('**/api/events*')
    for (const tab of [page, second, third]) {
      await tab.getByRole('status').filter({ hasText: 'Live' }).waitFor()
      await tab.locator('#team[aria-busy=false]').waitFor()
    }
    await second.close()
    await third.close()
  })

  await t.test('a page from the browser’s cache is loaded again', async () => {
    await Promise.all([
      page.waitForEvent('load'),
      page.evaluate(
        'setTimeout(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })))'
      )
    ])
    await page.locator('#team[aria-busy=false]').waitFor()
  })

  await t.test('the end of the session closes questions, and late answers are dropped', async t => {
    await page.getByLabel('Number to dial').fill(maria)
    await page.getByLabel('Number to dial').press('Enter')
    await page.locator('#live-call').filter({ hasText: 'Maria da Silva' }).waitFor()
    let refuse = (): void => {}
    const refused = new Promise<void>(resolve => {
      refuse = resolve
    })
    await page.route(/api\/calls\?.*search=/, async route => {
      await refused
      await route.fulfill({ status: 401, json: { message: 'Sign in first' } })
    })
    await page.getByRole('searchbox').fill('maria')
    await page.getByRole('searchbox').press('Enter')
    await page.getByLabel('Number to dial').fill('+4740612345')
    await page.getByLabel('Number to dial').press('Enter')
    await page.getByRole('dialog', { name: 'You are on a call' }).waitFor()
    const form = await context.newPage()
    await context.clearCookies()
    await form.goto(`${urls.service}/desk`)
    await form.getByRole('heading', { name: 'Sign in' }).waitFor()
    await minji.signOut()
    await service.store.commit(async ({ db, publish }) => {
      await db.deleteFrom('sessions').execute()
      publish('agent.state', { agentId: 'minji', state: 'offline', reason: null, since: 0 })
    })
    await page.locator('#sign-in-panel').waitFor()
    t.notOk(await page.getByRole('dialog').isVisible())
    t.notMatch(
      await page.locator('body').textContent(),
      /Maria|홍길동/,
      'nothing stays in the page'
    )

    await typeSignIn(page, jonasSignIn.login, jonasSignIn.password)
    await page.locator('#team[aria-busy=false]').waitFor()
    refuse()
    await isIdle(page, '#search button')
    t.ok(await page.locator('#workspace').isVisible())
    t.same(
      await page.evaluate(
        'Object.keys(sessionStorage).filter(key => key.startsWith("desk-draft-"))'
      ),
      [],
      'the drafts of the agent before are gone'
    )

    await typeSignIn(form, minjiSignIn.login, minjiSignIn.password)
    await page.locator('#agent').filter({ hasText: 'Kim Min-ji' }).waitFor()
    t.pass('a sign-in in another tab is seen in this one')
    await form.close()
  })

  await t.test('signs out although the event comes before the answer', async t => {
    await page.locator('#team[aria-busy=false]').waitFor()
    const signOut = await hold(page, '**/agents/session', { method: 'DELETE' })
    const work = page.waitForResponse(response => response.status() === 401)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await work
    await signOut.release()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    t.notOk(await page.locator('#problem').isVisible())
    t.equal(await alerts.count(), 0)
    t.equal(await focused(page), 'login')
  })
  t.same(faults, [])
})

t.test('a browser whose clock is an hour ahead', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const stack = await start(t, undefined)
  const { urls, service } = stack
  const context = await visitor(t, browser, faults)
  const page = await context.newPage()
  await page.clock.install({ time: Date.now() + 3_600_000 })
  const jonas = await apiAgent(service, 1)
  await jonas.available()
  await page.goto(`${urls.service}/desk`)
  const [, , sora] = demoSignIns.agents
  await typeSignIn(page, sora.login, sora.password)
  await page.locator('#team[aria-busy=false]').waitFor()

  await t.test('a click does not accept the call that has just taken the place of another', async t => {
    await page.clock.pauseAt(Date.now() + 2 * 3_600_000)
    await callIn(stack, gildong)
    await page.locator('#incoming').filter({ hasText: '홍길동' }).waitFor()
    await callIn(stack, maria)
    await page.locator('#incoming').filter({ hasText: '1 more call' }).waitFor()
    await page.clock.runFor(300)
    const { ringing } = await jonas.get('/api/work') as { ringing: Array<{ callSerialNo: string }> }
    await jonas.post(`/api/calls/${ringing[0]?.callSerialNo}/accept`)
    const panel = page.locator('#incoming').filter({ hasText: 'Maria da Silva' })
    await panel.waitFor()
    await page.clock.runFor(200)
    t.ok(await panel.evaluate((element: { inert: boolean }) => element.inert))
    await page.clock.runFor(300)
    t.notOk(await panel.evaluate((element: { inert: boolean }) => element.inert))
    await page.clock.resume()
    await page.getByRole('button', { name: 'Accept' }).click()
  })

  await t.test('counts the talk time by the clock of the service', async t => {
    await page.locator('#live-call').filter({ hasText: 'Connected' }).waitFor()
    t.match(await page.locator('#live-timer').textContent(), /^[0-9]:\d\d$/)
  })

  await t.test('reconnects when nothing is heard for long', async () => {
    const reopened = page.waitForRequest('**/api/events*')
    await page.clock.fastForward(41_000)
    await reopened
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  })

  await t.test('an old answer does not replace the newer numbers of the overview', async () => {
    await page.goto(`${urls.service}/desk/supervisor`)
    await page.getByText('No refused requests today').waitFor()
    const overview = await hold(page, '**/api/overview*', { times: 1 })
    await callIn(stack, gildong, 'key')
    await overview.waiting()
    await callIn(stack, gildong, 'body')
    // Time for a second request, and for the old answer to do harm.
    await page.waitForTimeout(2000)
    await overview.release()
    await page.waitForTimeout(200)
    await page.locator('#refusal-rows td:nth-child(3)').filter({ hasText: /^2$/ }).waitFor()
  })
  t.same(faults, [])
})

t.test('a chat whose scripts come late has the newest data', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const { urls } = await start(t, undefined)
  const members = await visitor(t, browser, faults)
  const site = await members.newPage()
  await site.goto(`${urls.service}/member/login`)
  await typeSignIn(site, member.login, member.password)
  await site.getByRole('heading', { name: 'Your account' }).waitFor()
  const chat = await members.newPage()
  const script = await hold(chat, '**/chat.js')
  const widget = await hold(chat, '**/itx-plugin.js')
  await chat.goto(`${urls.service}/member/chat`, { waitUntil: 'commit' })
  await script.waiting()
  await widget.waiting()
  await site.getByLabel('Name').fill('홍길순')
  await site.getByRole('button', { name: 'Save' }).click()
  await site.getByText('Saved.').waitFor()
  await script.release()
  await chat.waitForResponse('**/chat/session')
  await widget.release()
  await chat.getByText('Your account has changed').waitFor()
  t.equal(await chat.getByLabel('Name').inputValue(), '홍길순')

  const second = await members.newPage()
  await second.goto(`${urls.service}/member/chat`)
  await second.getByText('Chat (verified)').waitFor()
  await chat.getByLabel('Name').fill('홍길동')
  await chat.getByRole('button', { name: 'Change the name' }).click()
  await second.getByText('Your account has changed').waitFor()
  t.equal(await second.getByLabel('Name').inputValue(), '홍길동', 'also in another chat')
  t.same(faults, [])
})
