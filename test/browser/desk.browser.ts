import { setTimeout as wait } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { integrationService } from '../../examples/integration-service/app.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { launchChromium, picture, scrollsSideways, until, visitor } from './chromium.ts'
import { apiAgent, lineOf, order, start, typeSignIn } from './desk-helper.ts'

const [agent] = demoSignIns.agents
const [member] = demoSignIns.members

t.test('in Chromium', async t => {
  const browser = await launchChromium(t)
  if (browser !== null) await stories(t, browser)
})

async function stories (t: Test, browser: Browser): Promise<void> {
  await t.test('the whole story, with an agent and a member', async t => {
    const faults: string[] = []
    const stack = await start(t, undefined)
    const { urls } = stack
    const agents = await visitor(t, browser, faults)
    const desk = await agents.newPage()
    await desk.goto(`${urls.service}/desk`)
    await typeSignIn(desk, agent.login, 'wrong')
    await desk.getByRole('alert').filter({ hasText: 'Login or password is wrong' }).waitFor()
    await typeSignIn(desk, agent.login, agent.password)
    await desk.getByRole('status').filter({ hasText: 'Live' }).waitFor()

    await desk.getByLabel('Number to dial').fill('010-1234-5678')
    await desk.getByRole('button', { name: 'Dial', exact: true }).click()
    const call = desk.locator('#calls li[data-call]').first()
    const line = await lineOf(stack, call)
    await order(`${line}/connect`)
    await call.filter({ hasText: 'Connected' }).waitFor()
    t.match(
      await desk.locator('#card').textContent(),
      /홍길동.*\+82 10 1234 5678.*gildong@example\.com.*afternoon/s
    )
    const [csc] = await Promise.all([
      agents.waitForEvent('page'),
      desk.locator('#live-pop').click()
    ])
    await csc.getByText('signed in by hash').waitFor()
    t.equal(
      await csc.evaluate('window.opener'),
      null,
      'the opened page has no access to the desk'
    )
    await order(`${line}/release`, { reason: '0' })
    await call.filter({ hasText: 'Ended' }).filter({ hasText: 'The called party hung up' })
      .waitFor()
    t.match(
      await desk.locator('#announcer').textContent(),
      /홍길동: Ended, The called party hung up/,
      'the reason is shown'
    )
    await picture(desk, 'desk')

    const members = await visitor(t, browser, faults)
    const site = await members.newPage()
    await site.goto(`${urls.onlineContact}/demo/hc/`)
    await site.getByRole('link', { name: 'Sign in' }).click()
    await typeSignIn(site, member.login, member.password)
    await site.getByText('You are member gildong').waitFor()
    await site.getByText('gildong is logged in at the site').waitFor()
    t.match(site.url(), urls.onlineContact, 'the visitor returns to the page before')
    for (const way of ['Open the help centre', 'Through our server', 'By link']) {
      await members.clearCookies({ name: 'oc_simulator_session' })
      await site.goto(`${urls.service}/member`)
      await site.getByRole('link', { name: way }).click()
      await site.getByText('You are member gildong').waitFor()
      t.pass(way)
    }
    await picture(site, 'help-centre')

    await members.clearCookies({ name: 'oc_simulator_session' })
    // A slow script must not miss the frame's only message.
    await site.route('**/help-frame.js', async route => {
      await wait(1500)
      await route.continue()
    })
    await site.goto(`${urls.service}/member/help-centre`)
    await site.frameLocator('#ocPage').getByText('You are member gildong').waitFor()
    const height = async () =>
      await site.evaluate<string>('document.getElementById("ocPage").style.height')
    await until('the frame has reported its height', async () => await height() !== '')
    const before = await height()
    await site.evaluate('postMessage(9999, "*")')
    await site.evaluate('new Promise(resolve => setTimeout(resolve, 50))')
    t.equal(await height(), before, "only the frame's own messages count")
    await picture(site, 'frame')

    await site.goto(`${urls.service}/member/chat`)
    await site.getByText('Chat (verified)').waitFor()
    const chat = desk.locator('#chats li').filter({ hasText: '홍길동' })
    await chat.filter({ hasText: /Signed \d/ }).waitFor()
    await site.getByLabel('Message').fill('Hello')
    await site.getByRole('button', { name: 'Send' }).click()
    const account = await members.newPage()
    await account.goto(`${urls.service}/member`)
    await account.getByLabel('Name').fill('홍길순')
    await account.getByRole('button', { name: 'Save' }).click()
    await site.getByText('Your account has changed').waitFor()
    await chat.filter({ hasText: /Signed \d.*not confirmed: 홍길순/ }).waitFor()
    t.equal(await desk.locator('#chats .name').textContent(), '홍길동Signed', 'as confirmed')
    await site.getByLabel('Name').fill('홍길동')
    await site.getByRole('button', { name: 'Change the name' }).click()
    await site.getByText('Our agent sees the new name as unconfirmed').waitFor()
    await picture(site, 'chat')

    await site.evaluate(
      'itxChatUtils.verifySession({ verifiedData: { name: "Somebody else" }, extSystemHash: "0".repeat(40) })'
    )
    const [portal] = await Promise.all([
      agents.waitForEvent('page'),
      desk.getByRole('link', { name: 'Answer in the portal' }).click()
    ])
    await portal.getByText('Somebody else').first().waitFor()
    t.match(
      await portal.locator('article').first().textContent(),
      /warning.*Somebody else/s,
      'a forged name is shown with a warning'
    )
    t.same(faults, [])
  })

  await t.test('the desk resumes after a restart of the service', async t => {
    const faults: string[] = []
    const stack = await start(t, undefined)
    const desk = await (await visitor(t, browser, faults)).newPage()
    await desk.goto(`${stack.urls.service}/desk`)
    await typeSignIn(desk, agent.login, agent.password)
    await desk.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    await desk.getByLabel('Number to dial').fill('02-555-0199')
    await desk.keyboard.press('Enter')
    const line = await lineOf(stack, desk.locator('#calls li[data-call]'))
    await order(`${line}/connect`)
    await desk.locator('#calls li').filter({ hasText: 'Connected' }).waitFor()
    await stack.service.close()
    // The vendor reports it again later.
    await order(`${line}/release`)
    await desk.getByRole('status').filter({ hasText: 'Reconnecting' }).waitFor()
    await desk.getByLabel('Number to dial').fill('02-555-0199')
    await desk.keyboard.press('Enter')
    await desk.getByRole('button', { name: 'Dial anyway' }).click()
    const silence = desk.locator('#dial-error').filter({ hasText: 'is not responding' })
    await silence.waitFor()
    t.equal(
      await desk.getByLabel('Number to dial').inputValue(),
      '02-555-0199',
      'typed text stays'
    )

    const next = await integrationService(stack.config)
    t.after(async () => await next.close())
    await next.listen({ host: '127.0.0.1', port: Number(new URL(stack.urls.service).port) })
    await desk.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    await silence.waitFor({ state: 'hidden' })
    await desk.locator('#calls li').filter({ hasText: 'Ended' }).waitFor()
    t.equal(await desk.locator('#calls li[data-call]').count(), 1, 'nothing twice')
    t.same(faults, [])
  })

  await t.test('with the keyboard alone, on a phone', async t => {
    const faults: string[] = []
    const { urls, service } = await start(t, { connect: 100, release: 200 })
    const otherAgent = await apiAgent(service, 0)
    for (let index = 0; index < 17; index++) {
      await otherAgent.close(
        await otherAgent.dial(index === 0 ? '010-1234-5678' : '+55 11 96123-4567')
      )
    }
    const context = await visitor(t, browser, faults, {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark'
    })
    const desk = await context.newPage()
    await desk.goto(`${urls.service}/desk`)
    await desk.getByRole('heading', { name: 'Sign in' }).waitFor()
    const { keyboard } = desk
    await keyboard.type(agent.login)
    await keyboard.press('Tab')
    await keyboard.type(agent.password)
    await keyboard.press('Enter')
    await desk.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    const focused = async () =>
      await desk.evaluate<string>(
        '(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()'
      )
    await until(
      'own calls wait for their wrap-up',
      async () => await desk.locator('#calls li[data-call]').count() === 17
    )
    t.equal(await focused(), '', 'the number to dial has the focus')
    await keyboard.press('Tab')
    t.equal(await focused(), 'Dial')
    await keyboard.press('Tab')
    t.equal(await focused(), 'Wrap up: Maria da Silva')
    await keyboard.press('Tab')
    t.equal(await focused(), 'Customer: Maria da Silva')
    await keyboard.press('Enter')
    t.equal(await focused(), 'Customer', 'the focus goes to the card')
    for (const name of ['Open in Oracle CSC', 'Dial again', 'Earlier calls']) {
      await keyboard.press('Tab')
      t.equal(await focused(), name)
    }
    await keyboard.press('Enter')
    await desk.getByText('Page 1 for +55 11 96123 4567').waitFor()
    t.equal(await focused(), 'Call history')
    t.equal(await desk.locator('#history li.call').count(), 15)
    await desk.getByRole('button', { name: 'Older' }).last().press('Enter')
    await desk.getByText('Page 2').waitFor()
    t.equal(await desk.locator('#history li.call').count(), 1)
    t.equal(
      await focused(),
      'Call history',
      'a button that is disabled keeps the focus'
    )
    await desk.getByRole('button', { name: 'Newer' }).press('Enter')
    await desk.getByText('Page 1').waitFor()
    await desk.getByRole('searchbox').fill('+1 2')
    await keyboard.press('Enter')
    await desk.getByRole('alert').filter({ hasText: 'not a telephone number' }).waitFor()
    t.equal(await desk.getByRole('searchbox').inputValue(), '+1 2', 'typed text stays')
    for (const text of ['010 1234 5678', '길동']) {
      await desk.getByRole('searchbox').fill(text)
      await keyboard.press('Enter')
      await desk.getByText(`Page 1 for ${text}`).waitFor()
      t.equal(await desk.locator('#history li.call').count(), 1, text)
    }
    t.equal(await scrollsSideways(desk), false)
    await picture(desk, 'phone')

    await context.clearCookies()
    await desk.getByRole('button', { name: 'Search' }).press('Enter')
    await desk.getByRole('alert').filter({ hasText: 'Your session has ended' }).waitFor()
    t.equal(await desk.locator('#calls li').count(), 0, 'nothing is left on the page')
    t.same(faults, [])
  })
}
