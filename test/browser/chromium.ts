import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page
} from 'playwright-core'
import type { Test } from 'tap'
import { missing } from '../real-parts.ts'

/** Where Debian puts it. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/**
 * Debian's Chromium, closed with the test; null where there is none, which the report shows.
 * @throws with CI=true
 */
export async function launchChromium (t: Test): Promise<Browser | null> {
  const why = await missing('Chromium', () => existsSync(executablePath))
  if (why !== false) {
    t.pass('skipped', { skip: why })
    return null
  }
  const browser = await chromium.launch({ executablePath, args })
  t.after(async () => await browser.close())
  return browser
}

/**
 * A visitor with cookies of his or her own, gone with the test. What the pages' policies refuse,
 * and what their scripts throw, goes to `faults`.
 */
export async function visitor (
  t: Test,
  browser: Browser,
  faults: string[],
  options: BrowserContextOptions = {}
): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  t.after(async () => await context.close())
  // No measure of speed: it ends what hangs, on a busy machine too.
  context.setDefaultTimeout(60_000)
  context.on('weberror', thrown => {
    faults.push(String(thrown.error().stack))
  })
  context.on('console', message => {
    if (/Content.Security.Policy|TrustedScript|Trusted ?Types/i.test(message.text())) {
      faults.push(message.text())
    }
  })
  return context
}

/**
 * Waits until it is so. The pages' policies forbid the browser's own way to wait for an expression.
 */
export async function until (what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (await isSo()) return
    await wait(50)
  }
  throw new Error(`waited in vain: ${what}`)
}

/** Keeps a picture where SCREENSHOTS names a folder for people to look at. */
export async function picture (page: Page, name: string): Promise<void> {
  const { SCREENSHOTS: folder } = process.env
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

/** Whether the page is wider than the window. */
export async function scrollsSideways (page: Page): Promise<boolean> {
  return await page.evaluate<boolean>(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth'
  )
}
