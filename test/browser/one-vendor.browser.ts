import t from 'tap'
import { freePort } from '../../examples/demo/free-port.ts'
import { demoSecrets } from '../../examples/integration-service/demo-secrets.ts'
import { integrationService } from '../../examples/integration-service/app.ts'
import { loadConfig } from '../../examples/integration-service/config.ts'
import { demoSignIns, seedDemo } from '../../examples/integration-service/store/seed.ts'
import { sqliteUrl } from '../integration-service/helper.ts'
import { launchChromium, picture, visitor } from './chromium.ts'
import { typeSignIn } from './desk-helper.ts'

t.test('N14, N15: serves the desk under a path, to a company with Contiple alone', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const port = await freePort()
  const base = `http://127.0.0.1:${port}/cti`
  const app = await integrationService(loadConfig({
    PORT: String(port),
    PUBLIC_URL: base,
    DATABASE_URL: sqliteUrl(t),
    CONTIPLE_KEY: demoSecrets.CONTIPLE_KEY,
    LOG_LEVEL: 'silent'
  }))
  t.after(() => app.close())
  await seedDemo(app.store)
  await app.listen({ host: '127.0.0.1', port })

  const faults: string[] = []
  const missing: string[] = []
  const context = await visitor(t, browser, faults)
  const page = await context.newPage()
  page.on('response', response => {
    if (response.status() >= 400 && response.status() !== 401) {
      missing.push(`${response.status()} ${response.url()}`)
    }
  })
  const [{ login, password }] = demoSignIns.agents
  await page.goto(base)
  t.equal(page.url(), `${base}/desk`)
  await typeSignIn(page, login, password)
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  await page.locator('#team[aria-busy=false]').waitFor()

  const body = JSON.stringify({ callNum: '+821012345678' })
  const headers = await app.contiple.signHeaders(body, { timestamp: String(Date.now()) })
  const asked = await fetch(`${base}/contiple/customer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body
  })
  t.equal(asked.status, 200)
  await page.locator('#incoming').filter({ hasText: '홍길동' }).waitFor()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.locator('#live-call').filter({ hasText: '홍길동' }).waitFor()
  await page.locator('#card').waitFor()
  await page.keyboard.press('c')
  t.equal(context.pages().length, 1, 'there is no Oracle CSC to open')
  await page.getByRole('button', { name: 'Mark as ended' }).click()
  // Rows under the pointer hold still.
  await page.mouse.move(0, 0)
  await page.locator('#history li.call').first().waitFor()
  for (
    const name of ['Dial', 'Dial again', 'Open in Oracle CSC', 'Dial 홍길동', 'Send']
  ) t.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name)
  for (const id of ['dial', 'chats-panel', 'messages-panel', 'live-pop', 'card-pop']) {
    t.notOk(await page.locator(`#${id}`).isVisible(), id)
  }
  await picture(page, 'one-vendor')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.same(missing, [], 'the desk requests no missing resource')
  t.same(faults, [])
})
