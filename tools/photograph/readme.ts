import type { Browser } from 'playwright-core'
import { openStage, tidy } from './stage.ts'

type Scheme = 'light' | 'dark'

/**
 * The README's pair of screenshots: a ringing desk, and the lab of the vendor that looked up the
 * caller.
 */
export async function photographReadme (browser: Browser): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) await photographDesk(browser, scheme)
}

async function photographDesk (browser: Browser, colorScheme: Scheme): Promise<void> {
  const stage = await openStage(browser)
  const options = { colorScheme, viewport: { width: 860, height: 640 } }
  const desk = await stage.openDesk(0, options)
  const lab = await desk.context().newPage()
  const { contiple } = stage.stack.urls
  // A customer whose name needs no Korean font.
  await lab.request.post(`${contiple}/lab/settings`, { data: { caller: '+4740612345' } })
  await lab.goto(`${contiple}/lab`)
  await lab.getByRole('button', { name: 'Incoming call from +4740612345' }).click()
  await desk.locator('#incoming:not([inert]) li').first().waitFor()
  await tidy(desk)

  const pairPage = await desk.context().newPage()
  await pairPage.setViewportSize({ width: 1500, height: 570 })
  await pairPage.setContent(
    renderSideBySide(await desk.screenshot(), await lab.screenshot(), colorScheme)
  )
  await pairPage.screenshot({ path: `docs/pictures/desk-and-lab-${colorScheme}.png` })
  await desk.context().close()
  await stage.close()
}

function renderSideBySide (desk: Buffer, lab: Buffer, scheme: Scheme): string {
  const [ground, line] = scheme === 'light' ? ['#ffffff', '#d0d7de'] : ['#0d1117', '#30363d']
  const image = (png: Buffer, x: number): string =>
    `<img src="data:image/png;base64,${png.toString('base64')}" style="position: absolute;
      left: ${x}px; top: 10px; width: 735px; border: 1px solid ${line}; border-radius: 8px">`
  return `<body style="margin: 0; background: ${ground}">${image(desk, 10)}${
    image(lab, 755)
  }</body>`
}
