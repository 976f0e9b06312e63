import t from 'tap'
import { startStack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { seriousIssues } from './axe.ts'
import { launchChromium, visitor } from './chromium.ts'
import { callIn } from './desk-helper.ts'

const [agent, , supervisor] = demoSignIns.agents
const [member] = demoSignIns.members

t.test('axe-core finds no serious issue', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const stack = await startStack({
    firstPort: 0,
    autoRun: { connect: 200, release: 600_000 },
    env: { DATABASE_URL: `file:${t.testdir()}/axe.db`, LOG_LEVEL: 'silent' }
  })
  t.after(() => stack.close())
  const { urls } = stack
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await visitor(t, browser, [], { bypassCSP: true, colorScheme })
    const page = await context.newPage()
    const check = async (name: string): Promise<void> => {
      t.same(await seriousIssues(page), [], `${name}, ${colorScheme}`)
    }
    const signIn = async (login: string, password: string): Promise<void> => {
      await page.locator('input[name=login]').fill(login)
      await page.locator('input[name=password]').fill(password)
      await page.keyboard.press('Enter')
    }

    await page.goto(`${urls.service}/desk`)
    await check('desk, signed out')
    await signIn(agent.login, agent.password)
    await page.locator('#team[aria-busy=false]').waitFor()
    await check('desk, with nothing to do')
    await callIn(stack, '+821012345678')
    await page.locator('#incoming:not([inert])').waitFor()
    await check('desk, with an incoming call')
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.locator('#live-call').filter({ hasText: 'Connected' }).waitFor()
    await page.locator('#timeline li.entry').first().waitFor()
    await page.locator('#filters summary').click()
    await check('desk, with a call')
    await page.getByRole('button', { name: 'Help' }).click()
    await check('desk, with the help sheet')
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Mark as ended' }).click()
    await page.locator('#history li.call').first().waitFor()
    await check('desk, with history')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await signIn(supervisor.login, supervisor.password)
    await page.locator('#team[aria-busy=false]').waitFor()
    await callIn(stack, '+821012345678', 'key')
    await page.goto(`${urls.service}/desk/supervisor`)
    await page.locator('#refusal-rows tr').first().waitFor()
    await check('supervisor')
    await page.goto(`${urls.service}/desk/nothing`)
    await check('desk, no such page')

    await page.goto(`${urls.service}/member/login`)
    await check('member sign-in')
    await signIn(member.login, member.password)
    await page.getByLabel('Name').waitFor()
    await check('account')
    for (const path of ['/member/help-centre', '/member/chat']) {
      await page.goto(urls.service + path)
      await check(path)
    }
    for (
      const [name, url] of Object.entries({
        oracleCsc: `${urls.oracleCsc}/lab`,
        contiple: `${urls.contiple}/lab`,
        onlineContact: `${urls.onlineContact}/lab`,
        itxChat: `${urls.itxChat}/agent`,
        huaweiAicc: `${urls.huaweiAicc}/lab`
      })
    ) {
      await page.goto(url)
      await check(name)
    }
    await context.close()
  }
})
