import t from 'tap'
import { startStack } from '../../examples/demo/stack.ts'
import { demoSignIns } from '../../examples/integration-service/store/seed.ts'
import { sqliteUrl } from '../integration-service/helper.ts'
import { launchChromium, picture, visitor } from './chromium.ts'

const [{ login, password }] = demoSignIns.agents

t.test('"Try it out" sends requests that the vendors could have signed', async t => {
  const browser = await launchChromium(t)
  if (browser === null) return
  const stack = await startStack({ firstPort: 0, env: { DATABASE_URL: sqliteUrl(t) } })
  t.after(() => stack.close())
  const faults: string[] = []
  const context = await visitor(t, browser, faults, { viewport: { width: 1200, height: 1600 } })
  const page = await context.newPage()

  const tryOut = async (path: string): Promise<[request: string, status: string]> => {
    await page.goto(`${stack.urls.service}/docs/`)
    const operation = page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) })
    await operation.locator('.opblock-summary').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const status = operation.locator('.live-responses-table .response-col_status').nth(1)
    await status.waitFor()
    return [
      await operation.locator('.curl-command').textContent() ?? '',
      await status.textContent() ?? ''
    ]
  }

  const signedIn = await context.request.post(`${stack.urls.service}/api/agents/session`, {
    data: { login, password }
  })
  t.equal(signedIn.status(), 200)
  for (const path of ['/contiple/customer', '/aicc/released']) {
    const [request, status] = await tryOut(path)
    t.match(status, /^200/, path)
    t.match(
      request,
      path === '/contiple/customer'
        ? /authorization: [A-Za-z0-9+/]{43}=/
        : /"signature": ?"[A-Za-z0-9+/]{43}="/,
      'the request is shown'
    )
    await picture(page, `docs${path.replaceAll('/', '-')}`)
  }
  // Swagger UI sets a few inline styles, which the page's policy refuses without harm.
  t.same(
    faults.filter(fault => !fault.includes('inline style')),
    [],
    'no script was blocked or failed'
  )
})
