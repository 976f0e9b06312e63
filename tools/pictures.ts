// Creates the pictures of the docs:
//   npm run pictures              draws docs/internals/architecture/*.svg from the .dot files there
//   npm run pictures -- screens   screenshots of the desk for the README and docs/service
// (Chromium)
import { readFileSync, writeFileSync } from 'node:fs'
import { globSync } from 'tinyglobby'
import { draw } from './draw.ts'

for (const source of globSync('docs/internals/architecture/*.dot')) {
  writeFileSync(source.replace(/\.dot$/, '.svg'), await draw(readFileSync(source, 'utf8')))
}
if (process.argv.includes('screens')) {
  const { chromium } = await import('playwright-core')
  const { photographReadme } = await import('./photograph/readme.ts')
  const { photographService } = await import('./photograph/service.ts')
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox']
  })
  await photographService(browser)
  await photographReadme(browser)
  await browser.close()
}
