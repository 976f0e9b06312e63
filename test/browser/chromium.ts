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

/** Chromium's path on Debian. */
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
 * Debian's Chromium, closed with the test; null if it is missing, and then the test is skipped.
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
 * A visitor with separate cookies, closed with the test. `faults` collects whatever the pages'
 * policies refuse and their scripts throw.
 */
export async function visitor (
  t: Test,
  browser: Browser,
  faults: string[],
  options: BrowserContextOptions = {}
): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  t.after(async () => await context.close())
  // This limit only ends a hung test, on a busy machine too; it does not measure speed.
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
 * Waits for a condition. The pages' policies forbid Playwright's `waitForFunction`.
 */
export async function until (description: string, isMet: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries++) {
    if (await isMet()) return
    await wait(50)
  }
  throw new Error(`timed out waiting for: ${description}`)
}

/** Saves a screenshot to the folder in SCREENSHOTS, if it is set. */
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
