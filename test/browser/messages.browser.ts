import t from 'tap'
import { launchChromium, picture, scrollsSideways, until } from './chromium.ts'
import { contactsOf, openDesk, start, write } from './desk-helper.ts'

t.test('customers write by WhatsApp and LINE, and two agents answer', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const faults: string[] = []
  const stack = await start(t, { connect: 100, release: 600_000 })
  const [minji, jonas, sora] = [
    await openDesk(t, browser, stack, 0, faults),
    await openDesk(t, browser, stack, 1, faults, {
      colorScheme: 'dark',
      viewport: { width: 1440, height: 900 }
    }),
    await openDesk(t, browser, stack, 2, faults)
  ]
  await minji.page.setViewportSize({ width: 1440, height: 900 })
  await minji.page.getByText('No messages.').waitFor()
  const gildong = '821012345678'

  await t.test('a message arrives at once, with its sender', async () => {
    await write(stack, 'whatsapp', {
      contact: gildong,
      name: 'Your bank',
      text: '주문은 어디에 있나요? 🚚',
      way: 'twice'
    })
    for (const { page } of [minji, jonas]) {
      const row = page.locator('#conversations li').filter({ hasText: '홍길동' })
      await row.filter({ hasText: 'Verified number' }).filter({ hasText: 'Waiting for an answer' })
        .filter({ hasText: '주문은 어디에 있나요? 🚚' }).waitFor()
      t.equal(await page.locator('#conversations li').count(), 1, 'delivered twice, shown once')
    }
    t.match(await minji.page.locator('#announcer').textContent(), /Message from 홍길동/)
  })

  await t.test('an answer goes out, and its ticks come back', async () => {
    await minji.page.locator('#conversations').getByRole('button', { name: '홍길동' }).click()
    const panel = minji.page.locator('#conversation-panel')
    await panel.getByText('profile name “Your bank”').waitFor()
    await panel.getByLabel('Answer').fill('내일 도착합니다.\n감사합니다')
    await minji.page.getByRole('button', { name: 'Send' }).click()
    const message = panel.locator('#thread li').filter({ hasText: '내일 도착합니다' })
    await message.filter({ hasText: 'You' }).waitFor()
    await message.filter({ hasText: 'Read' }).waitFor()
    t.equal(await panel.getByLabel('Answer').inputValue(), '')
    t.match(await contactsOf(stack, 'whatsapp'), [{
      id: gildong,
      messages: [{ from: 'customer' }, { from: 'company', text: '내일 도착합니다.\n감사합니다' }]
    }])
    await picture(minji.page, 'messages')
    await jonas.page.locator('#conversations li').filter({ hasText: '↩ 내일 도착합니다' }).waitFor()
    t.equal(
      await jonas.page.locator('#conversations li').filter({ hasText: 'Waiting for an answer' })
        .count(),
      0
    )
  })

  await t.test('shows a LINE user as unknown until an agent links a customer', async () => {
    await write(stack, 'line', { contact: 'U4af4980629f1e6e9', text: 'こんにちは' })
    const row = jonas.page.locator('#conversations li').filter({ hasText: 'LINE user …f1e6e9' })
    await row.filter({ hasText: 'Not verified' }).waitFor()
    await row.getByRole('button').click()
    const panel = jonas.page.locator('#conversation-panel')
    await panel.getByLabel('Answer').fill('はい')
    await panel.getByLabel('Answer').press('Enter')
    await panel.locator('#thread li').filter({ hasText: 'はい' }).filter({ hasText: 'Sent' })
      .waitFor()
    await panel.getByText('Link to a customer').click()
    await panel.getByLabel('Customer’s number').fill('nobody')
    await panel.getByRole('button', { name: 'Link', exact: true }).click()
    await panel.getByText('This is not a telephone number').waitFor()
    await panel.getByLabel('Customer’s number').fill('+47 406 12 345')
    await panel.getByRole('button', { name: 'Link', exact: true }).click()
    await panel.getByText('Linked by Jonas Weber').waitFor()
    await picture(jonas.page, 'messages-dark')
    await minji.page.locator('#conversations li').filter({ hasText: 'Åse Nordmann' })
      .filter({ hasText: 'Linked by Jonas Weber' }).waitFor()
  })

  await t.test('an unsent message shows the reason, and its text stays', async () => {
    await write(stack, 'whatsapp', { contact: '4915112345678', text: 'Hallo', way: 'key' })
    await sora.page.goto(`${stack.urls.service}/desk/supervisor`)
    await sora.page.locator('#refusal-rows tr').filter({ hasText: 'whatsapp' })
      .filter({ hasText: 'FST_CC_SIGNATURE_INVALID' }).waitFor()
    t.equal(
      await minji.page.locator('#conversations li').count(),
      2,
      'a forged message appears nowhere'
    )

    await minji.page.route('**/messages', async route => await route.abort())
    const panel = minji.page.locator('#conversation-panel')
    await panel.getByLabel('Answer').fill('Noch etwas')
    await panel.getByRole('button', { name: 'Send' }).click()
    await panel.getByText('The service is not responding').waitFor()
    t.equal(await panel.getByLabel('Answer').inputValue(), 'Noch etwas')
    await minji.page.unroute('**/messages')
    await minji.page.reload()
    await minji.page.locator('#conversations').getByRole('button', { name: '홍길동' }).click()
    t.equal(await panel.getByLabel('Answer').inputValue(), 'Noch etwas', 'over a reload, too')
    await panel.getByRole('button', { name: 'Send' }).click()
    await panel.locator('#thread li').filter({ hasText: 'Noch etwas' }).filter({ hasText: 'Read' })
      .waitFor()
  })

  await t.test('on a phone', async () => {
    const { page } = minji
    await page.setViewportSize({ width: 390, height: 844 })
    t.equal(await scrollsSideways(page), false)
    await picture(page, 'messages-390')
    await page.locator('#conversation-panel').getByRole('button', { name: 'Close' }).click()
    await until(
      'it is closed',
      async () => !await page.locator('#conversation-panel').isVisible()
    )
  })
  t.same(faults, [])
})
