import type { Page } from 'playwright-core'
import t from 'tap'
import { changeAgent } from '../../examples/integration-service/store/agents.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { launchChromium, picture, scrollsSideways, until, visitor } from './chromium.ts'
import { apiAgent, callIn, openDesk, start, typeSignIn } from './desk-helper.ts'

const [member] = demoSignIns.members
const rows = (page: Page, list: string) => page.locator(`${list} > li:not(.skeleton):not(.day)`)

t.test('the desk stays usable under load', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const stack = await start(t, { connect: 100, release: 600_000 })
  const { urls, service } = stack
  const { page, context } = await openDesk(t, browser, stack, 0, faults)
  const jonas = await apiAgent(service, 1)
  const dial = async (number: string): Promise<void> => {
    await page.getByLabel('Number to dial').fill(number)
    await page.getByLabel('Number to dial').press('Enter')
  }
  const fetched: string[] = []
  page.on('request', request => fetched.push(new URL(request.url()).pathname))

  await t.test('D1, D3, D9: own calls stay on screen, and the desk ignores calls of others', async t => {
    await dial('010-1234-5678')
    await page.locator('#live-call').filter({ hasText: '홍길동' }).filter({ hasText: 'Connected' })
      .waitFor()
    await page.locator('#timeline li.entry').first().waitFor()
    // The own call's last event refreshes the history after a moment.
    let count = -1
    await until('the desk is quiet', async () => {
      const isQuiet = fetched.length === count
      count = fetched.length
      await page.waitForTimeout(600)
      return isQuiet
    })
    fetched.length = 0
    for (let index = 0; index < 20; index++) {
      await jonas.close(await jonas.dial('+55 11 96123-4567'))
    }
    await page.getByRole('button', { name: '20 new' }).waitFor()
    t.ok(await page.locator('#live-call').filter({ hasText: '홍길동' }).isVisible())
    t.same(
      await rows(page, '#calls').allTextContents().then(all => all.length),
      1,
      'only own work'
    )
    t.same(fetched, [], 'the desk makes no request for calls of others')
    t.equal(await page.locator('#card-name').textContent(), '홍길동', 'the card stays unchanged')
    t.notMatch(await page.locator('#announcer').textContent(), /Maria/)
    t.notMatch(
      await page.locator('#history').textContent(),
      /홍길동/,
      'a live call is not in the history'
    )
  })

  await t.test('D13: asks before a second call', async t => {
    await dial('+47 406 12 345')
    const dialog = page.getByRole('dialog', { name: 'You are on a call' })
    await dialog.filter({ hasText: '홍길동' }).waitFor()
    await dialog.getByRole('button', { name: 'Do not dial' }).click()
    t.equal(
      await page.getByLabel('Number to dial').inputValue(),
      '+47 406 12 345',
      'typed text stays'
    )
    t.equal(await rows(page, '#calls').count(), 1)
    await page.getByLabel('Number to dial').fill('')
  })

  await t.test('D12: an agent closes a call that its vendor forgot, and it is marked', async () => {
    await page.getByRole('button', { name: 'Mark as ended' }).click()
    await page.getByText('No live call').waitFor()
    await rows(page, '#calls').filter({ hasText: 'Closed by the agent' }).waitFor()
  })

  await t.test('D7, D8: rows hold still under the pointer and the focus', async t => {
    await page.mouse.move(5, 5)
    const history = rows(page, '#history')
    await until('fifteen calls', async () => await history.count() === 15)
    const button = history.nth(2).getByRole('button', { name: /^Dial/ })
    await button.scrollIntoViewIfNeeded()
    await button.hover()
    const before = await button.boundingBox()
    const name = await button.getAttribute('aria-label')
    for (let index = 0; index < 3; index++) await jonas.close(await jonas.dial('+4740612345'))
    await page.getByRole('button', { name: '3 new' }).waitFor()
    t.same(await button.boundingBox(), before, 'under the pointer')
    await page.mouse.down()
    await jonas.close(await jonas.dial('+4740612345'))
    await page.getByRole('button', { name: '4 new' }).waitFor()
    await page.mouse.up()
    await page.locator('#live-call').filter({ hasText: (name ?? '').replace('Dial ', '') })
      .waitFor()
    t.pass('a click hits the same customer although an event arrives between press and release')
    await page.getByRole('button', { name: 'Mark as ended' }).click()
    await page.getByText('No live call').waitFor()
    await page.mouse.move(5, 5)

    const work = rows(page, '#calls').first().getByRole('button', { name: /^Customer/ })
    await work.focus()
    const focused = async () =>
      await page.evaluate<string>('document.activeElement.ariaLabel ?? ""')
    const own = await focused()
    const minji = await apiAgent(service, 0)
    await minji.close(await minji.dial('+4740612345'))
    await page.getByRole('button', { name: '1 new' }).first().waitFor()
    t.equal(await focused(), own, 'the focus stays')
    await page.locator('#calls-news').click()
    await rows(page, '#calls').filter({ hasText: 'Åse Nordmann' }).first().waitFor()
    await page.getByLabel('Number to dial').focus()
  })

  await t.test('D4, D5: lists history by day, each call once, with one word per action', async t => {
    await page.locator('#history .day').filter({ hasText: 'Today' }).waitFor()
    const time = page.locator('#history time').first()
    t.match(await time.textContent(), /^\d\d:\d\d/)
    const line = await page.locator('#page').boundingBox()
    t.ok(((await time.boundingBox())?.height ?? 99) <= (line?.height ?? 0) + 4, 'is one line')
    const names = await page.getByRole('button').allTextContents()
    t.ok(names.includes('Open in Oracle CSC'))
    t.notOk(names.some(name => /^Open in CSC/.test(name)))
  })

  await t.test('D6: the page uses the width that it has', async t => {
    await page.setViewportSize({ width: 1440, height: 900 })
    const box = await page.locator('#workspace').boundingBox()
    t.ok((box?.width ?? 0) > 1350, `${box?.width} of 1440`)
    const columns = await page.locator('.region').evaluateAll(
      (all: Array<{ getBoundingClientRect: () => { left: number } }>) =>
        new Set(all.map(element => element.getBoundingClientRect().left)).size
    )
    t.equal(columns, 3)
    await picture(page, 'desk-1440')
  })

  await t.test('formats numbers alike everywhere, also in calls of others', async () => {
    await jonas.available()
    const row = rows(page, '#team').filter({ hasText: 'Jonas Weber' })
    await row.waitFor()
    const id = await jonas.dial('01022223333')
    await row.filter({ hasText: '+82 10 2222 3333' }).waitFor()
    await jonas.close(id)
    await row.filter({ hasText: 'Available' }).waitFor()
  })

  await t.test('D14: keeps typed text, finds names, and shows skeletons before "none"', async t => {
    await page.getByRole('searchbox').fill('nordm')
    await page.getByRole('searchbox').press('Enter')
    await page.getByText('Page 1 for nordm').waitFor()
    t.ok((await rows(page, '#history').allTextContents()).every(text => text.includes('Åse')))
    await page.getByRole('searchbox').fill('+82 12')
    await page.getByRole('searchbox').press('Enter')
    await page.locator('#search-error').filter({ hasText: 'not a telephone number' }).waitFor()
    t.ok((await rows(page, '#history').count()) > 0, 'the rows of the last answer stay')
    t.ok(await page.getByText('Page 1 for nordm').isVisible(), 'and say so')
    const slow = await context.newPage()
    let release = (): void => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    await slow.route('**/api/work', async route => {
      await held
      await route.continue()
    })
    await slow.goto(`${urls.service}/desk`)
    await slow.locator('#calls .skeleton').first().waitFor()
    t.notOk(await slow.locator('#no-calls').isVisible(), 'no "none" before the answer arrives')
    release()
    await rows(slow, '#calls').first().waitFor()
    t.equal(await slow.locator('#calls .skeleton').count(), 0)
    await slow.close()
  })

  await t.test('S13: eight tabs share one stream, and another tab takes it over', async t => {
    const streams = new Set<Page>()
    context.on('request', request => {
      if (new URL(request.url()).pathname === '/api/events') streams.add(request.frame().page())
    })
    const tabs = [page]
    for (let index = 0; index < 7; index++) {
      const tab = await context.newPage()
      await tab.goto(`${urls.service}/desk`)
      await tab.getByRole('status').filter({ hasText: 'Live' }).waitFor()
      tabs.push(tab)
    }
    t.equal(streams.size, 0, 'the same tab still listens for all')
    await callIn(stack, '+5511961234567')
    for (const tab of tabs) {
      await tab.locator('#incoming').filter({ hasText: 'Maria da Silva' }).waitFor()
    }
    t.pass('each tab learns of a call')
    await page.close()
    await until('another listens', async () => streams.size === 1)
    await tabs[7]?.getByRole('button', { name: 'Accept' }).click()
    for (const tab of tabs.slice(1)) {
      await tab.locator('#live-call').filter({ hasText: 'Maria da Silva' }).waitFor()
    }
    for (const tab of tabs.slice(2)) await tab.close()
  })
  t.same(faults, [])
})

t.test('chats and pages', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const stack = await start(t, { connect: 100, release: 600_000 })
  const { urls } = stack
  const { page } = await openDesk(t, browser, stack, 0, faults, {
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark'
  })
  const site = await (await visitor(t, browser, faults)).newPage()

  await t.test('D2, D10: shows one conversation with what is known, until the session ends', async t => {
    await site.goto(`${urls.service}/member/login`)
    await typeSignIn(site, member.login, member.password)
    for (let times = 0; times < 3; times++) {
      await site.goto(`${urls.service}/member/chat`)
      await site.getByText('Chat (verified)').waitFor()
    }
    const chats = page.locator('#chats li[data-chat]')
    await chats.filter({ hasText: /Signed \d/ }).waitFor()
    await site.goto(`${urls.service}/member`)
    await site.getByRole('button', { name: 'Sign out' }).click()
    await chats.filter({ hasText: 'Signed out' }).waitFor()
    t.notMatch(await page.locator('#chats').textContent(), /Verified/)
    await site.goto(`${urls.service}/member/login`)
    await typeSignIn(site, member.login, member.password)
    await site.goto(`${urls.service}/member/chat`)
    await chats.filter({ hasText: /Signed \d/ }).waitFor()
    t.equal(await chats.count(), 1)
  })

  await t.test('D16: a form that cannot be saved keeps its typed text', async t => {
    await site.goto(`${urls.service}/member`)
    await site.getByLabel('Name').fill('아무개')
    await site.getByLabel('Telephone').fill('12')
    await site.getByRole('button', { name: 'Save' }).click()
    await site.getByRole('alert').filter({ hasText: 'not a telephone number' }).waitFor()
    t.same([
      await site.getByLabel('Name').inputValue(),
      await site.getByLabel('Telephone').inputValue()
    ], ['아무개', '12'])
    for (const path of ['/desk/nothing', '/nothing', '/member/login?to=nowhere']) {
      await site.goto(urls.service + path)
      t.match(await site.locator('main').textContent(), /Page not found|did not work/, path)
    }
  })

  await t.test('D15: every page fits a phone, and forced colours', async t => {
    for (
      const path of ['/desk', '/member', '/member/chat', '/member/help-centre', '/desk/nothing']
    ) {
      await site.setViewportSize({ width: 390, height: 844 })
      await site.goto(urls.service + path)
      t.equal(await scrollsSideways(site), false, path)
    }
    for (const url of [urls.oracleCsc, urls.contiple, urls.onlineContact, urls.huaweiAicc]) {
      await site.goto(`${url}/lab`)
      t.equal(await scrollsSideways(site), false, url)
    }
    await page.setViewportSize({ width: 390, height: 844 })
    t.equal(await scrollsSideways(page), false, 'the desk, signed in')
    await page.emulateMedia({ forcedColors: 'active' })
    await picture(page, 'forced-colours')
    await page.emulateMedia({ forcedColors: 'none' })
  })

  await t.test('in Korean, with shortcuts that can be turned off', async t => {
    const blur = async () => await page.evaluate('document.activeElement.blur()')
    // Shortcuts are off while a person types.
    await blur()
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByLabel('Language').selectOption('ko')
    await page.getByRole('heading', { name: '내 업무' }).waitFor()
    await page.getByRole('status').filter({ hasText: '실시간' }).waitFor()
    t.equal(await page.evaluate('document.documentElement.lang'), 'ko')
    await blur()
    await page.keyboard.press('/')
    t.equal(await page.evaluate('document.activeElement.name'), 'search')
    await page.locator('#to-help').click()
    await page.locator('#shortcuts').uncheck()
    await page.getByRole('button', { name: '닫기' }).click()
    await blur()
    await page.keyboard.press('d')
    t.not(await page.evaluate('document.activeElement.name'), 'number')
    await picture(page, 'korean')
  })

  await t.test('the desk of whoever is disabled closes within seconds', async () => {
    await stack.service.store.commit(async ({ db }) => {
      await changeAgent(db, demoSignIns.agents[0].login, { disabled_at: Date.now() })
    })
    await page.locator('#sign-in-panel').waitFor()
    await page.locator('#workspace').waitFor({ state: 'hidden' })
  })
  t.same(faults, [])
})
