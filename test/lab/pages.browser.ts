import t from 'tap'
import { loadLabConfig } from '../../examples/lab/settings.ts'
import { startLab } from '../../examples/lab/start.ts'
import { launchChromium, visitor } from '../browser/chromium.ts'
import { brokenContiple } from './broken-contiple.ts'
import { brokenHuaweiAicc } from './broken-huawei-aicc.ts'
import { caller, key } from './broken.ts'

t.test('the lab\'s pages do faults, take settings and show what happened', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const aicc = await brokenHuaweiAicc(t, 'no window')
  const { urls, close } = await startLab(loadLabConfig({
    LAB_PORT: '0', CONTIPLE_KEY: key, AICC_SECRET: key, LAB_CALLER: caller, LAB_CONTIPLE_URL: await brokenContiple(t, 'throws on unequal lengths'), LAB_AICC_RELEASED_URL: aicc, LAB_AICC_CONNECTED_URL: `${aicc}/connected/gate`
  }))
  t.teardown(close)
  const faults: string[] = []
  const page = await (await visitor(t, browser, faults)).newPage()
  const shot = async (name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS']
    if (folder !== undefined) await page.screenshot({ path: `${folder}/lab-${name}.png` })
  }
  const { contiple = '', 'huawei-aicc': huawei = '', 'oracle-csc': csc = '', 'online-contact': onlineContact = '', 'itx-chat': itx = '' } = urls

  await page.goto(`${contiple}/lab`)
  await page.getByLabel('Caller').fill(caller)
  await page.getByRole('button', { name: 'Look up' }).click()
  await page.locator('#agent-sees').filter({ hasText: 'Hong' }).waitFor()
  await page.getByText('Faults', { exact: true }).click()
  await page.getByRole('button', { name: 'Do all' }).click()
  await page.locator('#fault-genuine').filter({ hasText: 'right' }).waitFor()
  t.match(await page.locator('#fault-short-signature').innerText(), /failed\s+wrong/)
  await shot('contiple')

  await page.goto(`${huawei}/lab`)
  await page.getByText('Faults', { exact: true }).click()
  await page.getByRole('button', { name: 'stale-clock' }).click()
  await page.locator('#fault-stale-clock').filter({ hasText: 'wrong' }).waitFor()
  await page.getByText('Settings').click()
  await page.getByLabel('Authentication').selectOption('none')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByText('Settings').click()
  t.equal(await page.getByLabel('Authentication').inputValue(), 'none')
  await shot('huawei-aicc')

  await page.goto(`${csc}/lab`)
  await page.getByText('Settings').click()
  await page.getByLabel('FTCallIDParamName').fill('ftCallId')
  await page.locator('select[name="hash"]').selectOption('off')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.locator('input[name="ftCallId"]').fill('call-7')
  await page.getByLabel('User name').first().fill('agent1')
  await shot('oracle-csc')
  await page.getByRole('button', { name: 'Open' }).click()
  await page.locator('#call-id').filter({ hasText: 'call-7' }).waitFor()
  t.match(await page.locator('#sign-in').innerText(), /log in by hand/)

  for (const [name, url] of Object.entries({ 'online-contact': onlineContact, 'itx-chat': itx })) {
    await page.goto(`${url}/lab`)
    await page.getByText('Settings').click()
    t.ok(await page.getByRole('button', { name: 'Change', exact: true }).isVisible(), name)
    await shot(name)
  }
  t.same(faults, [])
})
