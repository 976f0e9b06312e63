import type { Page } from 'playwright-core'
import t from 'tap'
import { startStack, type Stack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { loadLabConfig } from '../../examples/lab/settings.ts'
import { startLab } from '../../examples/lab/start.ts'
import { launchChromium, picture, visitor } from '../browser/chromium.ts'
import { brokenContiple } from './broken-contiple.ts'
import { brokenHuaweiAicc } from './broken-huawei-aicc.ts'
import { caller, key } from './broken.ts'

const [member] = demoSignIns.members
const [agent] = demoSignIns.agents

t.test("the lab's pages run faults, change settings and show events", async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const aicc = await brokenHuaweiAicc(t, 'no window')
  const { urls, close } = await startLab(loadLabConfig({
    LAB_PORT: '0',
    CONTIPLE_KEY: key,
    AICC_SECRET: key,
    LAB_CALLER: caller,
    LAB_CONTIPLE_URL: await brokenContiple(t, 'throws on unequal lengths'),
    LAB_AICC_RELEASED_URL: aicc,
    LAB_AICC_CONNECTED_URL: `${aicc}/connected/gate`
  }))
  t.teardown(close)
  const faults: string[] = []
  const page = await (await visitor(t, browser, faults)).newPage()
  const { contiple = '', 'huawei-aicc': huawei = '', 'oracle-csc': csc = '' } = urls

  await page.goto(`${contiple}/lab`)
  await change(page, async () => {
    await page.getByLabel('Result fields').fill('userName,level')
  })
  await page.getByLabel('Caller').fill(caller)
  await page.getByRole('button', { name: 'Look up' }).click()
  await page.locator('#agent-sees').filter({ hasText: 'Hong' }).waitFor()
  t.match(await page.locator('#result').innerText(), /userName\s+Hong\s+level\s+missing/)
  t.match(await page.locator('#latency').innerText(), /^[0-9]+ ms$/)
  t.match(
    await page.locator('#request').innerText(),
    /^POST http[^]*authorization: [^]*\{"callNum"/
  )
  t.match(await page.locator('#answer').innerText(), /^HTTP 200 OK[^]*"data"/)
  await page.getByText('Faults', { exact: true }).click()
  await page.getByRole('button', { name: 'Run all' }).click()
  await page.locator('#fault-genuine').filter({ hasText: 'right' }).waitFor()
  t.match(await page.locator('#fault-short-signature').innerText(), /wrong: failed/)
  t.match(await page.locator('#count').innerText(), /[0-9]+ right, [1-9][0-9]* wrong, 1 skipped/)

  await page.goto(`${huawei}/lab`)
  await page.getByText('Faults', { exact: true }).click()
  await page.getByRole('button', { name: 'stale-clock' }).click()
  await page.locator('#fault-stale-clock').filter({ hasText: 'wrong' }).waitFor()
  await change(page, async () => {
    await page.getByLabel('Authentication').selectOption('none')
  })
  t.equal(await page.locator('select[name="authentication"]').inputValue(), 'none')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.locator('#deliveries').filter({
    hasText: /voice-notification[^]*waiting, next attempt at/
  }).waitFor()

  await page.goto(`${csc}/lab`)
  await change(page, async () => {
    await page.getByLabel('FTCallIDParamName').fill('ftCallId')
    await page.locator('select[name="hash"]').selectOption('off')
  })
  await page.locator('input[name="ftCallId"]').fill('call-7')
  await page.getByLabel('User name').first().fill('agent1')
  await page.getByRole('button', { name: 'Open' }).click()
  await page.locator('#call-id').filter({ hasText: 'call-7' }).waitFor()
  t.match(await page.locator('#sign-in').innerText(), /log in by password/)
  await page.getByLabel('Password').fill('any')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('#sign-in').filter({ hasText: 'signed in by password' }).waitFor()
  t.equal(await page.locator('#call-id').innerText(), 'call-7')
  t.same(faults, [])
})

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`with our service on the other side, ${colorScheme}`, async t => {
    const browser = await launchChromium(t)
    if (browser === null) return
    const stack = await startStack({
      firstPort: 0,
      env: { DATABASE_URL: `file:${t.testdir()}/lab.db`, LOG_LEVEL: 'silent' },
      overrides: { signInsPerMinute: 1000 }
    })
    t.after(() => stack.close())
    const faults: string[] = []
    const context = await visitor(t, browser, faults, { colorScheme })
    const shot = async (page: Page, name: string): Promise<void> =>
      await picture(page, `lab-${name}-${colorScheme}`)
    const lab = await context.newPage()
    await onlineContactStory(stack, lab, shot)
    await itxStory(stack, lab, await context.newPage(), shot)
    await aiccStory(stack, lab, shot)
    await otherPages(stack, lab, shot)
    t.same(faults, [])

    async function onlineContactStory ({ urls }: Stack, lab: Page, shot: Shot): Promise<void> {
      await lab.goto(`${urls.onlineContact}/lab`)
      await change(lab, async () => {
        await lab.getByLabel('Guest inquiries').selectOption('off')
      })
      await lab.getByRole('link', { name: 'New inquiry' }).click()
      await lab.getByLabel('Login').fill(member.login)
      await lab.getByLabel('Password').fill(member.password)
      await lab.getByRole('button', { name: 'Sign in' }).click()
      await lab.getByText(`You are member ${member.login}`).waitFor()
      await lab.getByText(`${member.login} is logged in at the site`).waitFor()
      t.match(
        lab.url(),
        /hc\/ticket\/$/,
        'a help centre without guests sends a guest to the login and back'
      )

      const cookie = (await context.cookies(urls.service)).map(({ name, value }) =>
        `${name}=${value}`
      ).join('; ')
      await lab.goto(`${urls.onlineContact}/lab`)
      await lab.getByLabel('Cookie', { exact: true }).fill(cookie)
      await lab.getByRole('button', { name: 'Request the status' }).click()
      await lab.locator('#status-answer').filter({ hasText: `${member.login} is logged in` })
        .waitFor()
      await lab.getByLabel('From origin').fill('https://thief.example')
      await lab.getByRole('button', { name: 'Request the status' }).click()
      await lab.locator('#status-answer').filter({
        hasText: 'would hide the answer from this origin'
      }).waitFor()
      await lab.getByLabel('usercode', { exact: true }).fill(member.login)
      await lab.getByLabel('token', { exact: true }).fill('never issued')
      await lab.getByRole('button', { name: 'Verify the token' }).click()
      await lab.locator('#token-answer').filter({ hasText: 'No' }).waitFor()
      await change(lab, async () => {
        await lab.locator('input[name="cookie"][type="password"]').fill(cookie)
      })
      await lab.getByText('Faults', { exact: true }).click()
      await lab.getByRole('button', { name: 'Run all' }).click()
      await lab.locator('#count').waitFor({ timeout: 300_000 })
      t.match(await lab.locator('#count').innerText(), / 0 wrong/)
      t.match(await lab.locator('#fault-server-login-cut').innerText(), /right: refused/)
      await shot(lab, 'online-contact')
    }

    async function itxStory ({ urls }: Stack, lab: Page, site: Page, shot: Shot): Promise<void> {
      await lab.goto(`${urls.itxChat}/lab`)
      await change(lab, async () => {
        await lab.getByLabel('Chat configurations').fill(
          'Members, /member, always, green\nNobody, /member/chat/closed, 00:00-00:00'
        )
        await lab.getByLabel('Designs').fill('green, #0a6b2d, Talk to us')
      })
      await lab.getByLabel('URL of the page').fill(`${urls.service}/elsewhere`)
      await lab.getByRole('button', { name: 'Show' }).click()
      await lab.locator('#configuration').filter({ hasText: 'no open chat' }).waitFor()

      await site.goto(`${urls.service}/member/chat`)
      await site.getByText('Talk to us (verified)').waitFor()
      await site.getByLabel('Message', { exact: true }).fill('Hello')
      await site.getByRole('button', { name: 'Send' }).click()
      await lab.goto(`${urls.itxChat}/agent`)
      const chat = lab.locator('article').first()
      await chat.filter({ hasText: 'customer: Hello' }).filter({
        hasText: 'Chat configuration: Members'
      }).filter({ hasText: 'verified' }).waitFor()
      await chat.getByLabel('Answer').fill('How can I help?')
      await chat.getByRole('button', { name: 'Send' }).click()
      await site.getByText('Agent: How can I help?').waitFor()
      await shot(site, 'itx-chat-widget')
      await site.evaluate(
        'itxChatUtils.verifySession({ verifiedData: { name: "Somebody else" }, extSystemHash: "0".repeat(40) })'
      )
      await site.locator('#itx-chat strong').filter({ hasText: /^Talk to us$/ }).waitFor()
      // The agent's page polls.
      await chat.filter({ hasText: 'Somebody else' }).filter({ hasText: 'warning' }).waitFor()
      await shot(lab, 'itx-chat-agent')

      await lab.goto(`${urls.itxChat}/lab`)
      await lab.getByText('Faults', { exact: true }).click()
      await lab.getByRole('button', { name: 'genuine' }).click()
      await lab.locator('#fault-genuine').filter({ hasText: /right|wrong/ }).waitFor()
      await shot(lab, 'itx-chat')
      await change(lab, async () => {
        await lab.getByLabel('Chat configurations').fill('Office, /elsewhere, always')
      })
      await site.reload()
      await site.waitForLoadState('networkidle')
      t.equal(
        await site.locator('#itx-chat').count(),
        0,
        'a page without a configuration has no chat'
      )
    }

    async function aiccStory ({ urls }: Stack, lab: Page, shot: Shot): Promise<void> {
      await context.request.post(`${urls.service}/api/agents/session`, {
        data: agent,
        headers: { origin: urls.service }
      })
      await context.request.post(`${urls.service}/api/calls`, {
        data: { number: '+821012345678' },
        headers: { origin: urls.service }
      })
      await lab.goto(`${urls.huaweiAicc}/lab`)
      await lab.getByRole('button', { name: 'Agent answers' }).click()
      await lab.locator('#calls').filter({ hasText: 'calling the customer' }).waitFor()
      await lab.getByRole('button', { name: 'Customer answers' }).click()
      await lab.locator('#calls').filter({ hasText: 'talking' }).waitFor()
      await lab.locator('#deliveries').filter({ hasText: /connected[^]*taken/ }).waitFor()
      await lab.getByLabel('Release reason').selectOption('1')
      await lab.getByRole('button', { name: 'Release', exact: true }).click()
      await lab.locator('#deliveries').filter({ hasText: /released[^]*taken/ }).waitFor()
      await lab.getByRole('button', { name: 'Send a forged release' }).click()
      await lab.locator('#events').filter({ hasText: '(forged)' }).waitFor()
      await shot(lab, 'huawei-aicc')
    }

    async function otherPages ({ urls }: Stack, lab: Page, shot: Shot): Promise<void> {
      await lab.goto(`${urls.contiple}/lab`)
      await lab.getByLabel('Caller').fill('+821012345678')
      await lab.getByRole('button', { name: 'Look up' }).click()
      await lab.locator('#agent-sees').waitFor()
      await shot(lab, 'contiple')
      await lab.goto(`${urls.oracleCsc}/lab`)
      await lab.getByLabel('User name', { exact: true }).fill('kim')
      await lab.getByLabel('Number', { exact: true }).fill('+15551234567')
      await lab.locator('input[name="hash"]').fill('0'.repeat(40))
      await lab.getByRole('button', { name: 'Open' }).click()
      await lab.locator('#reason').waitFor()
      t.match(await lab.locator('#explanation').innerText(), /does not match/)
      await shot(lab, 'oracle-csc-refused')
      await lab.goto(`${urls.oracleCsc}/lab`)
      await lab.getByText('Settings', { exact: true }).click()
      await shot(lab, 'oracle-csc')
    }
  })
}

type Shot = (page: Page, name: string) => Promise<void>

/** Opens the settings, changes some, and sends them. */
async function change (page: Page, set: () => Promise<void>): Promise<void> {
  await page.getByText('Settings', { exact: true }).click()
  await set()
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.locator('details:not([open])').filter({ hasText: 'Settings' }).waitFor()
}
