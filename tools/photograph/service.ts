import type { Browser, Page } from 'playwright-core'
import { openStage, type Stage, tidy } from './stage.ts'

const folder = 'docs/pictures'
const [minji, jonas, sora] = [0, 1, 2]
// Customers whose names need no other fonts.
const [ase, maria] = ['+4740612345', '+5511961234567']

/** The screenshots in docs/service: a ringing call, its wrap-up, messages, and the supervisor. */
export async function photographService (browser: Browser): Promise<void> {
  const stage = await openStage(browser)
  const { urls } = stage.stack
  await createMorningCalls(stage)
  const dark = await stage.openDesk(jonas, { colorScheme: 'dark' })
  const desk = await stage.openDesk(minji)

  await stage.order(`${urls.contiple}/lab/lookup`, { callNum: maria })
  for (const [page, scheme] of [[desk, 'light'], [dark, 'dark']] as const) {
    await page.locator('#incoming:not([inert]) li').first().waitFor()
    await takeScreenshot(page, `desk-ringing-${scheme}`)
  }

  await desk.getByRole('button', { name: 'Accept' }).click()
  await desk.locator('#live-note').fill('Sends order 77-4312 back; a label goes out today')
  stage.setHours(0.05)
  await desk.getByRole('button', { name: 'Mark as ended' }).click()
  await desk.getByText('No live call').waitFor()
  await desk.locator('#wrap-up select').selectOption('Resolved')
  await takeScreenshot(desk, 'desk-wrap-up', 860)
  await desk.locator('#wrap-up').getByRole('button', { name: 'Save' }).click()
  await desk.getByText('Nothing to do').waitFor()

  // The vendors' clocks never moved: reset the service's, so that messages sort by time.
  stage.setHours(0)
  const contact = { contact: ase.slice(1), name: 'Åse' }
  await stage.order(`${urls.whatsapp}/lab/messages`, { ...contact, text: 'Where is my order?' })
  await desk.locator('#conversations').getByRole('button', { name: 'Åse Nordmann' }).click()
  await desk.locator('#answer textarea').fill('It arrives tomorrow before noon.')
  await desk.locator('#answer textarea').press('Enter')
  await desk.locator('#thread li').filter({ hasText: 'Read' }).waitFor()
  await stage.order(`${urls.whatsapp}/lab/messages`, { ...contact, text: 'Thank you!' })
  await desk.locator('#thread li').filter({ hasText: 'Thank you!' }).waitFor()
  await takeScreenshot(desk, 'desk-messages', 720)

  await stage.order(`${urls.contiple}/lab/lookup`, { callNum: ase })
  await dark.getByRole('button', { name: 'Accept' }).click()
  for (const forge of ['key', 'body']) {
    await stage.order(`${urls.contiple}/lab/lookup`, { callNum: ase, forge })
  }
  await stage.order(`${urls.whatsapp}/lab/messages`, { ...contact, text: 'Hi', way: 'key' })
  const overview = await stage.openDesk(sora)
  await overview.goto(`${urls.service}/desk/supervisor`)
  await overview.locator('#refusal-rows tr').nth(1).waitFor()
  await overview.locator('#team li').filter({ hasText: 'On a call' }).waitFor()
  await takeScreenshot(overview, 'supervisor', 850)
  await stage.close()
}

/** Creates calls since nine, so that the overview shows a full day. */
async function createMorningCalls (stage: Stage): Promise<void> {
  const { service } = stage.stack
  const availability = { state: 'available', reason: null }
  let number = 0
  for (const [index, count] of [3, 5, 7, 4, 6, 8].entries()) {
    for (let call = 0; call < count; call++) {
      number++
      const agent = number % 2
      const hours = index - 6 + call / count / 2
      stage.setHours(hours)
      await stage.ask(agent, 'PUT', '/api/agents/state', availability)
      const caller = `+3120794${String(1000 + number * 7)}`
      await service.ring({ number: caller, customer: undefined, at: null })
      if (number % 6 === 0) {
        stage.setHours(hours + 0.1)
        await service.sweepCalls()
        continue
      }
      const { ringing } = await stage.ask(agent, 'GET', '/api/work') as {
        ringing: Array<{ callSerialNo: string }>
      }
      const id = `/api/calls/${ringing[0]?.callSerialNo}`
      await stage.ask(agent, 'POST', `${id}/accept`, {})
      stage.setHours(hours + 0.02 + (number % 5) / 60)
      await stage.ask(agent, 'POST', `${id}/close`, {})
      await stage.ask(agent, 'PUT', `${id}/wrap-up`, {
        disposition: number % 4 === 0 ? 'Call back' : 'Resolved',
        note: '',
        seen: null
      })
    }
  }
  stage.setHours(0)
}

async function takeScreenshot (page: Page, name: string, height = 620): Promise<void> {
  await page.setViewportSize({ width: 1280, height })
  await tidy(page)
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' })
}
