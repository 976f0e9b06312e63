import { readFileSync } from 'node:fs'
import t from 'tap'
import { launchChromium, picture, scrollsSideways, until } from './chromium.ts'
import { callIn, openDesk, start } from './desk-helper.ts'

const customer = '+821012345678'

t.test('an inbound call, with two agents and a supervisor', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const stack = await start(t, { connect: 200, release: 600_000 }, { RING_SECONDS: '8' })
  const [minji, jonas, sora] = [
    await openDesk(t, browser, stack, 0, faults),
    await openDesk(t, browser, stack, 1, faults),
    await openDesk(t, browser, stack, 2, faults)
  ]
  await jonas.page.getByLabel('My state').selectOption({ label: 'Away: Lunch' })
  const team = minji.page.locator('#team')
  await team.locator('li').filter({ hasText: 'Jonas Weber' }).filter({ hasText: 'Away: Lunch' })
    .waitFor()
  await sora.page.goto(`${stack.urls.service}/desk/supervisor`)
  await sora.page.getByRole('status').filter({ hasText: 'Live' }).waitFor()

  await t.test('rings at once on whoever is available', async t => {
    const before = Date.now()
    await callIn(stack, customer)
    const panel = minji.page.getByRole('region', { name: 'Incoming call' })
    await panel.filter({ hasText: '홍길동' }).waitFor()
    t.ok(Date.now() - before < 1500, `after ${Date.now() - before} ms`)
    t.match(await panel.textContent(), /\+82 10 1234 5678/)
    await panel.getByText('No earlier calls').waitFor()
    t.match(await panel.textContent(), /afternoon/, 'the card comes with it')
    t.match(await minji.page.locator('#announcer').textContent(), /Incoming call from 홍길동/)
    t.notOk(await jonas.page.locator('#incoming').isVisible(), 'not on who is away')
    await picture(minji.page, 'incoming')
    await jonas.page.getByLabel('My state').selectOption({ label: 'Available' })
    await jonas.page.locator('#incoming').waitFor()
    t.pass('who becomes available sees what rings')
  })

  await t.test('one agent has it, and the other sees it gone', async t => {
    await minji.page.getByRole('button', { name: 'Accept' }).click()
    await minji.page.locator('#live-call').filter({ hasText: '홍길동' }).filter({
      hasText: 'Connected'
    }).waitFor()
    await jonas.page.getByText('홍길동 was taken by Kim Min-ji').waitFor()
    t.notOk(await jonas.page.locator('#incoming').isVisible())
    t.notOk(await minji.page.locator('#incoming').isVisible())
    await team.locator('li').filter({ hasText: 'Kim Min-ji' }).filter({ hasText: 'On a call' })
      .waitFor()
    t.notOk(
      await jonas.page.locator('#card').isVisible(),
      'another agent’s customer does not come up'
    )
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
    t.ok(await minji.page.locator('#live-name').isVisible(), 'and stays in sight')
    await picture(minji.page, 'live')
  })

  await t.test('a note in every script is kept, with who wrote it', async t => {
    const note = '메모 Ωμέγα العربية हिन्दी 🙂 =SUM(A1)'
    await minji.page.locator('#live-note').fill('메모')
    t.equal(await minji.page.locator('#wrap-up textarea').inputValue(), '메모', 'one note')
    await minji.page.reload()
    await minji.page.locator('#live-call').filter({ hasText: '홍길동' }).waitFor()
    t.equal(await minji.page.locator('#live-note').inputValue(), '메모', 'a reload loses nothing')
    await minji.page.getByRole('button', { name: 'Mark as ended' }).click()
    await minji.page.getByText('No live call').waitFor()
    await minji.page.locator('#calls li').filter({ hasText: '홍길동' }).filter({ hasText: 'Ended' })
      .waitFor()
    await minji.page.locator('#wrap-up textarea').fill(note)
    await minji.page.getByRole('button', { name: 'Save' }).click()
    await minji.page.getByText('Choose how it went').waitFor()
    t.equal(await minji.page.locator('#wrap-up textarea').inputValue(), note)
    await minji.page.getByLabel('Disposition').first().selectOption('Resolved')
    await minji.page.getByRole('button', { name: 'Save' }).click()
    await minji.page.locator('#timeline li').filter({ hasText: 'Note by Kim Min-ji' })
      .filter({ hasText: note }).waitFor()
    await minji.page.getByText('Nothing to do').waitFor()
    await minji.page.locator('#history li').filter({ hasText: 'Resolved' }).waitFor()
    await picture(minji.page, 'wrapped-up')
  })

  await t.test('nobody takes it: missed, on every desk', async t => {
    await callIn(stack, '+4740612345')
    for (const { page } of [minji, jonas]) {
      await page.locator('#incoming').filter({ hasText: 'Åse Nordmann' }).waitFor()
    }
    await jonas.page.getByRole('button', { name: 'Not me' }).click()
    t.notOk(await jonas.page.locator('#incoming').isVisible())
    await minji.page.getByText('Missed: Åse Nordmann').waitFor()
    await minji.page.getByRole('button', { name: '1 new' }).click()
    await minji.page.locator('#history li').filter({ hasText: 'Åse Nordmann' }).filter({
      hasText: 'Nobody answered'
    }).waitFor()
  })

  await t.test('a supervisor sees numbers, the team, and what was refused', async t => {
    for (const forge of ['key', 'body', 'time'] as const) await callIn(stack, customer, forge)
    const refused = sora.page.locator('#refusal-rows tr')
    await refused.filter({ hasText: 'FST_CC_SIGNATURE_INVALID' }).filter({ hasText: '3' })
      .waitFor()
    t.notOk(await minji.page.locator('#incoming').isVisible(), 'a forged call does not ring')
    const number = async (name: string) =>
      await sora.page.locator(`[data-number="super.${name}"] dd`).textContent()
    await until('the numbers are there', async () => await number('missed') === '1')
    t.same([await number('calls'), await number('inbound'), await number('answered')], [
      '2',
      '2',
      '1'
    ])
    t.equal(await sora.page.locator('#chart canvas').count(), 1)
    await sora.page.locator('#team li').filter({ hasText: 'Jonas Weber' }).waitFor()
    const [file] = await Promise.all([
      sora.page.waitForEvent('download'),
      sora.page.getByRole('link', { name: 'Export CSV' }).click()
    ])
    const csv = readFileSync(await file.path(), 'utf8')
    t.match(csv, /^\uFEFFcall,direction,/)
    t.equal(csv.trim().split('\r\n').length, 3)
    await picture(sora.page, 'supervisor')
    await sora.page.setViewportSize({ width: 390, height: 844 })
    t.equal(await scrollsSideways(sora.page), false)
    await minji.page.goto(`${stack.urls.service}/desk/supervisor`)
    await minji.page.getByText('This page is for supervisors').waitFor()
  })
  t.same(faults, [])
})
