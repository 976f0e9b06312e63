// Makes the pictures of the docs:
//   npm run pictures              draws docs/internals/architecture/*.svg from the .dot beside each
//   npm run pictures -- screens   photographs the desk and the lab for the README, in Chromium
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { globSync } from 'tinyglobby'
import { startStack } from '../examples/demo/stack.ts'
import { demoSignIns } from '../examples/integration-service/store/seed.ts'
import { draw } from './draw.ts'

for (const source of globSync('docs/internals/architecture/*.dot')) {
  writeFileSync(source.replace(/\.dot$/, '.svg'), await draw(readFileSync(source, 'utf8')))
}
if (process.argv.includes('screens')) await photograph()

/** An agent's desk while a customer calls, and beside it the lab of the vendor who looked it up. */
async function photograph (): Promise<void> {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox']
  })
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width: 860, height: 640 }
    })
    context.setDefaultTimeout(120_000)
    await photographIn(context, colorScheme)
  }
  await browser.close()
}

async function photographIn (context: BrowserContext, scheme: 'light' | 'dark'): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'pictures-'))
  const stack = await startStack({
    firstPort: 0,
    autoRun: { connect: 200, release: 600_000 },
    env: { DATABASE_URL: `file:${join(data, 'demo.db')}`, LOG_LEVEL: 'silent' }
  })
  const [desk, lab, both] = [
    await context.newPage(),
    await context.newPage(),
    await context.newPage()
  ]
  const [{ login, password }] = demoSignIns.agents
  await desk.goto(`${stack.urls.service}/desk`)
  await desk.locator('input[name=login]').fill(login)
  await desk.locator('input[name=password]').fill(password)
  await desk.keyboard.press('Enter')
  await desk.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  await lab.goto(`${stack.urls.contiple}/lab`)
  // The one customer whose name needs no Korean font.
  const callIn = async (): Promise<void> => {
    await lab.getByLabel('Caller').fill('+4740612345')
    await lab.getByRole('button', { name: 'Look up' }).click()
    await desk.locator('#incoming:not([inert])').waitFor()
  }
  await callIn()
  await desk.getByRole('button', { name: 'Accept' }).click()
  await desk.getByRole('button', { name: 'Mark as ended' }).click()
  await callIn()

  await both.setViewportSize({ width: 1500, height: 570 })
  await both.setContent(sideBySide(await desk.screenshot(), await lab.screenshot(), scheme))
  await both.screenshot({ path: `docs/pictures/desk-and-lab-${scheme}.png` })
  await context.close()
  await stack.close()
  rmSync(data, { recursive: true })
}

function sideBySide (desk: Buffer, lab: Buffer, scheme: 'light' | 'dark'): string {
  const [ground, line] = scheme === 'light' ? ['#ffffff', '#d0d7de'] : ['#0d1117', '#30363d']
  const image = (png: Buffer, x: number): string =>
    `<img src="data:image/png;base64,${png.toString('base64')}" style="position: absolute;
      left: ${x}px; top: 10px; width: 735px; border: 1px solid ${line}; border-radius: 8px">`
  return `<body style="margin: 0; background: ${ground}">${image(desk, 10)}${
    image(lab, 755)
  }</body>`
}
