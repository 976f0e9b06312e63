import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t from 'tap'
import { seriousIssues } from './axe.ts'
import { launchChromium, picture, scrollsSideways, until } from './chromium.ts'
import { callIn, contactsOf, openDesk, order, start, write } from './desk-helper.ts'

const gildong = '+821012345678'
const ase = '+4740612345'
const ringSeconds = 100
const desktop = { width: 1440, height: 900 }
// For axe-core. The other files test the pages' policies.
const context = { bypassCSP: true, viewport: desktop }

t.test('a working day: two agents, a supervisor, and the customers', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  let ahead = 0
  const stack = await start(t, undefined, { RING_SECONDS: String(ringSeconds) }, {
    now: () => Date.now() + ahead
  })
  const { urls } = stack
  const [minji, jonas, sora] = [
    await openDesk(t, browser, stack, 0, faults, context),
    await openDesk(t, browser, stack, 1, faults, { ...context, colorScheme: 'dark' }),
    await openDesk(t, browser, stack, 2, faults, context)
  ]
  const incoming = (page: Page) => page.locator('#incoming')
  const panel = (page: Page, name: string) => incoming(page).filter({ hasText: name })
  const member = (page: Page, name: string) => page.locator('#team li').filter({ hasText: name })
  const number = async (name: string) =>
    await sora.page.locator(`[data-number="super.${name}"] dd`).textContent()
  const noIssues = async (page: Page, name: string): Promise<void> => {
    t.same(await seriousIssues(page), [], `axe-core: ${name}`)
  }

  await sora.page.goto(`${urls.service}/desk/supervisor`)
  await sora.page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  await sora.page.getByText('No refused requests today').waitFor()
  await noIssues(sora.page, 'supervisor, at the start of the day')
  await noIssues(minji.page, 'desk, with nothing to do')

  await t.test('a call rings at both agents within a second, and shows the card', async t => {
    const shown = [minji, jonas].map(({ page }) => shownAt(page))
    await Promise.all(shown.map(async ({ watching }) => await watching))
    const called = Date.now()
    await callIn(stack, gildong)
    for (const [index, { page }] of [minji, jonas].entries()) {
      const after = await (shown[index]?.time ?? NaN) - called
      const pace = await paceOf(page)
      t.ok(after < 1000 + 20 * pace, `after ${after} ms; a small reply takes ${pace} ms`)
      await panel(page, '홍길동').filter({ hasText: 'No earlier calls' }).waitFor()
      t.match(await incoming(page).textContent(), /\+82 10 1234 5678.*in the afternoon/s)
      t.match(await page.locator('#announcer').textContent(), /Incoming call from 홍길동/)
    }
    await noIssues(minji.page, 'desk, ringing')
    await noIssues(jonas.page, 'desk, ringing, dark')
    await picture(minji.page, 'story-ringing')
    await picture(jonas.page, 'story-ringing-dark')
  })

  await t.test('one agent accepts and becomes busy; the call leaves the other desk', async t => {
    // The notice lasts six seconds: a busy machine may take longer for the other desk.
    await Promise.all([
      jonas.page.getByText('Kim Min-ji answered 홍길동').waitFor(),
      minji.page.getByRole('button', { name: 'Accept' }).click()
    ])
    await minji.page.locator('#live-call').filter({ hasText: '홍길동' })
      .filter({ hasText: 'Connected' }).waitFor()
    t.notOk(await incoming(jonas.page).isVisible())
    t.notOk(
      await jonas.page.locator('#card').isVisible(),
      'the card of a colleague’s customer stays hidden'
    )
    for (const { page } of [minji, jonas, sora]) {
      await member(page, 'Kim Min-ji').filter({ hasText: 'On a call' })
        .filter({ hasText: '홍길동' }).waitFor()
    }
    await callIn(stack, ase)
    await panel(jonas.page, 'Åse Nordmann').waitFor()
    t.notOk(await incoming(minji.page).isVisible(), 'a busy agent does not ring')
    await jonas.page.getByRole('button', { name: 'Not me' }).click()
    t.notOk(await incoming(jonas.page).isVisible())
    await jonas.page.reload()
    await panel(jonas.page, 'Åse Nordmann').waitFor()
    await jonas.page.getByRole('button', { name: 'Accept' }).click()
    await jonas.page.locator('#live-call').filter({ hasText: 'Åse Nordmann' }).waitFor()
    await jonas.page.getByRole('button', { name: 'Mark as ended' }).click()
    await jonas.page.getByText('No live call').waitFor()
  })

  await t.test('CSC opens by a signed link; timer and note stay in sight', async t => {
    const [csc] = await Promise.all([
      minji.context.waitForEvent('page'),
      minji.page.locator('#live-pop').click()
    ])
    await csc.getByText('signed in by hash').waitFor()
    await csc.close()
    const timer = minji.page.locator('#live-timer')
    const at = await timer.textContent()
    await until('the timer runs', async () => await timer.textContent() !== at)
    await minji.page.evaluate('scrollTo(0, document.body.scrollHeight)')
    t.ok(await minji.page.locator('#live-name').isVisible())
    await minji.page.evaluate('scrollTo(0, 0)')
    await minji.page.locator('#live-note').fill('메모')
    t.equal(await minji.page.locator('#wrap-up textarea').inputValue(), '메모', 'one note')
    await minji.page.reload()
    await minji.page.locator('#live-call').filter({ hasText: '홍길동' }).waitFor()
    t.equal(await minji.page.locator('#live-note').inputValue(), '메모', 'a reload loses nothing')
    await minji.page.locator('#timeline li.entry').first().waitFor()
    await noIssues(minji.page, 'desk, on a call')
    await picture(minji.page, 'story-live')
  })

  await t.test('the vendor reports the end, and the agent wraps up', async t => {
    const { call } = await order(`${urls.huaweiAicc}/lab/incoming`, {
      caller: gildong,
      called: '+82215881001'
    }) as { call: { callSerialNo: string } }
    const line = `${urls.huaweiAicc}/lab/calls/${call.callSerialNo}`
    await order(`${line}/connect`)
    await order(`${line}/release`, { reason: '1' })
    await minji.page.getByText('No live call').waitFor()
    const own = minji.page.locator('#calls li').filter({ hasText: '홍길동' })
    await own.filter({ hasText: 'The calling party hung up' }).waitFor()
    const note = '메모 Ωμέγα العربية हिन्दी 🙂 =SUM(A1)'
    await minji.page.locator('#wrap-up textarea').fill(note)
    await minji.page.getByRole('button', { name: 'Save' }).click()
    await minji.page.getByText('Choose a disposition').waitFor()
    t.equal(await minji.page.locator('#wrap-up textarea').inputValue(), note)
    await noIssues(minji.page, 'desk, wrapping up')
    await minji.page.getByLabel('Disposition').first().selectOption('Resolved')
    await minji.page.getByRole('button', { name: 'Save' }).click()
    await minji.page.locator('#timeline li').filter({ hasText: 'Note by Kim Min-ji' })
      .filter({ hasText: note }).waitFor()
    await minji.page.getByText('Nothing to do').waitFor()
    await minji.page.locator('#history li').filter({ hasText: 'Resolved' }).waitFor()
    await picture(minji.page, 'story-wrapped-up')
  })

  await t.test('an agent answers a message, and its ticks only advance', async t => {
    await write(stack, 'whatsapp', {
      contact: gildong.slice(1),
      name: 'Your bank',
      text: '주문은 어디에 있나요? 🚚',
      way: 'twice'
    })
    const row = minji.page.locator('#conversations li').filter({ hasText: '홍길동' })
    await row.filter({ hasText: 'Verified number' }).waitFor()
    t.equal(await minji.page.locator('#conversations li').count(), 1, 'delivered twice, shown once')
    await row.getByRole('button', { name: '홍길동' }).click()
    await minji.page.locator('#answer').getByLabel('Answer').fill('내일 도착합니다.')
    await minji.page.getByRole('button', { name: 'Send', exact: true }).click()
    const mark = minji.page.locator('#thread li').filter({ hasText: '내일' }).locator('.mark')
    await mark.filter({ hasText: 'Sent' }).waitFor()
    const [contact] = await contactsOf(stack, 'whatsapp')
    const { id } = contact?.messages.find(({ from }) => from === 'company') ?? { id: '' }
    const setStatus = async (status: string) =>
      await order(`${urls.whatsapp}/lab/messages/${encodeURIComponent(id)}/status`, { status })
    await setStatus('delivered')
    await mark.filter({ hasText: 'Delivered' }).waitFor()
    await setStatus('read')
    await mark.filter({ hasText: 'Read' }).waitFor()
    await setStatus('sent')
    await jonas.page.locator('#conversations li').getByRole('button', { name: '홍길동' }).click()
    await jonas.page.locator('#thread li').filter({ hasText: '내일' })
      .filter({ hasText: 'Read' }).waitFor()
    t.equal(await mark.textContent(), 'Read', 'a late status changes nothing back')
    await noIssues(minji.page, 'desk, with messages')
    await noIssues(jonas.page, 'desk, with messages, dark')
    await picture(minji.page, 'story-messages')
    await picture(jonas.page, 'story-messages-dark')
  })

  await t.test("the customer's timeline has every entry, newest first", async t => {
    await minji.page.locator('#history li').getByRole('button', { name: 'Customer: 홍길동' })
      .click()
    const entries = minji.page.locator('#timeline li.entry')
    await until('three entries', async () => await entries.count() === 3)
    const texts = await entries.allTextContents()
    for (const [index, text] of ['Messages by WhatsApp', 'Note by', 'Incoming'].entries()) {
      t.match(texts[index], new RegExp(`^${text}`))
    }
  })

  await t.test('does not ring at an agent who is away; an unanswered call is missed', async t => {
    await jonas.page.getByLabel('My state').selectOption({ label: 'Away: Lunch' })
    for (const { page } of [minji, sora]) {
      await member(page, 'Jonas Weber').filter({ hasText: 'Away: Lunch' }).waitFor()
    }
    await callIn(stack, ase)
    await panel(minji.page, 'Åse Nordmann').waitFor()
    t.notOk(await incoming(jonas.page).isVisible())
    await jonas.page.getByLabel('My state').selectOption({ label: 'Available' })
    await panel(jonas.page, 'Åse Nordmann').waitFor()
    t.pass('an agent who becomes available sees the ringing call')
    ahead = (ringSeconds + 1) * 1000
    for (const { page } of [minji, jonas]) await page.getByText('Missed: Åse Nordmann').waitFor()
    await minji.page.locator('#history-news').click()
    await minji.page.locator('#history li').filter({ hasText: 'Åse Nordmann' })
      .filter({ hasText: 'Nobody answered' }).waitFor()
  })

  await t.test('the supervisor sees the figures, the team and every forged request', async t => {
    for (const forge of ['key', 'body', 'time'] as const) await callIn(stack, gildong, forge)
    await write(stack, 'whatsapp', { contact: '4915112345678', text: 'Hallo', way: 'key' })
    const refused = sora.page.locator('#refusal-rows tr')
    await refused.filter({ hasText: 'NHN Contiple' }).filter({
      hasText: 'FST_CC_SIGNATURE_INVALID'
    })
      .filter({ hasText: '3' }).waitFor()
    await refused.filter({ hasText: 'whatsapp' }).waitFor()
    t.notOk(await incoming(minji.page).isVisible(), 'a forged call does not ring')
    t.equal(
      await minji.page.locator('#conversations li').count(),
      1,
      'a forged message appears nowhere'
    )
    await until('the figures appear', async () => await number('missed') === '1')
    t.same([await number('calls'), await number('inbound'), await number('answered')], [
      '3',
      '3',
      '2'
    ])
    t.equal(await sora.page.locator('#chart canvas').count(), 1)
    for (const name of ['Jonas Weber', 'Kim Min-ji', 'Park So-ra']) {
      await member(sora.page, name).waitFor()
    }
    const [file] = await Promise.all([
      sora.page.waitForEvent('download'),
      sora.page.getByRole('link', { name: 'Export CSV' }).click()
    ])
    const csv = readFileSync(await file.path(), 'utf8')
    t.match(csv, /^\uFEFFcall,direction,/)
    t.equal(csv.trim().split('\r\n').length, 4)
    await noIssues(sora.page, 'supervisor')
    await picture(sora.page, 'story-supervisor')
    await minji.page.goto(`${urls.service}/desk/supervisor`)
    await minji.page.getByText('This page is for supervisors').waitFor()
  })

  await t.test('every page fits a phone', async t => {
    await minji.page.goto(`${urls.service}/desk`)
    await minji.page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    for (const { page } of [minji, jonas, sora]) {
      await page.setViewportSize({ width: 390, height: 844 })
      t.equal(await scrollsSideways(page), false)
      await noIssues(page, 'on a telephone')
    }
    await picture(jonas.page, 'story-390-dark')
    await picture(sora.page, 'story-supervisor-390')
  })
  t.same(faults, [])
})

/** The time at which the page shows an incoming call, by the page's clock. */
function shownAt (page: Page): { watching: Promise<unknown>, time: Promise<number> } {
  const watching = page.evaluate(`globalThis.shown = new Promise(resolve => {
    const panel = document.getElementById('incoming')
    new MutationObserver(() => panel.hidden || resolve(Date.now())).observe(panel, {
      attributes: true
    })
  }), null`)
  return { watching, time: watching.then(async () => await page.evaluate<number>('shown')) }
}

/** Measures a small reply: on a busy machine, the desk may take longer, too. */
async function paceOf (page: Page): Promise<number> {
  return await page.evaluate<number>(`(async () => {
    let longest = 0
    for (let times = 0; times < 5; times++) {
      const before = performance.now()
      await (await fetch('/readyz')).text()
      longest = Math.max(longest, performance.now() - before)
    }
    return Math.round(longest)
  })()`)
}
