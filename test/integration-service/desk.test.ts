import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { service, sqliteUrl } from './helper.ts'

const folder = new URL('../../examples/integration-service/desk/public/', import.meta.url)
const files = readdirSync(folder)

t.test('serves the agent desktop under a strict policy', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const desk = await app.inject('/desk')
  t.match([desk.statusCode, desk.headers['content-type']], [200, /^text\/html; charset=utf-8/i])
  const policy = String(desk.headers['content-security-policy'])
  t.match(policy, /^default-src 'none'; script-src 'self'; .*require-trusted-types-for 'script'/)
  t.notMatch(policy, /unsafe|\*/)
  t.match([desk.headers['x-content-type-options'], desk.headers['referrer-policy']], [
    'nosniff',
    'no-referrer'
  ])
  t.notMatch(
    desk.body,
    /<script(?![^>]* src=)| style=| on[a-z]+="|<style/,
    'no inline script or style'
  )
  for (const [, url = ''] of desk.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    t.equal((await app.inject(url)).statusCode, 200, url)
  }
  for (const url of ['/desk/../routes.ts', '/desk/%2e%2e/routes.ts', '/desk/nothing.js']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
})

t.test('redirects the root address to the desk', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const { statusCode, headers } = await app.inject('/')
  t.same([statusCode, headers.location], [302, '/desk'])
})

t.test('modules import existing files, and never parse text as HTML', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  for (const file of files.filter(name => name.endsWith('.js'))) {
    const { body, headers } = await app.inject(`/desk/${file}`)
    t.match(headers['content-type'], /javascript/, file)
    t.equal(body, readFileSync(new URL(file, folder), 'utf8'))
    t.notMatch(body, /['"`]\/(?:assets|desk|member)\b/, 'every address begins with the base path')
    t.notMatch(body, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/, file)
    for (const [, name = ''] of body.matchAll(/from '\.\/([^']+)'/g)) {
      const { statusCode, headers } = await app.inject(`/desk/${name}`)
      t.match([statusCode, headers['content-type']], [200, /javascript/], `${file}: ${name}`)
    }
  }
})

t.test('every control has a name, and every text a translation', async t => {
  const { en } = await import(new URL('strings-en.js', folder).href) as { en: object }
  const { ko } = await import(new URL('strings-ko.js', folder).href) as { ko: object }
  for (const name of ['desk.html', 'supervisor.html']) {
    const page = readFileSync(new URL(name, folder), 'utf8')
    const labels = [...page.matchAll(/<label[^>]*>(.*?)<\/label>/gs)].map(([, inner = '']) => inner)
    for (const label of labels) {
      t.match(label.replace(/<(?:select|textarea)[^]*/, '').replace(/<[^>]*>/g, ''), /[A-Z]/, label)
    }
    const controls = page.match(/<(?:input|select|textarea)\b/g) ?? []
    t.equal(controls.length, labels.length, 'each control has a label')
    for (const [, id = ''] of page.matchAll(/aria-(?:labelledby|describedby)="([^"]+)"/g)) {
      t.match(page, `id="${id}"`)
    }
    for (const [, key = ''] of page.matchAll(/data-t(?:-label|-placeholder)?="([^"]+)"/g)) {
      t.ok(key in ko, `${name}: ${key}`)
    }
  }
  for (const key of Object.keys(en)) t.ok(key in ko, key)
  for (const file of files.filter(name => name.endsWith('.js'))) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    for (const [, key = ''] of text.matchAll(/\bt\('([^']+)'/g)) t.ok(key in en, `${file}: ${key}`)
  }
})

t.test('refreshes one at a time, and once more for all changes meanwhile', async t => {
  const { createRefresh } = await import(new URL('refresh.js', folder).href) as {
    createRefresh: (load: () => Promise<void>) => () => Promise<void>
  }
  const runs: Array<{ end: () => void, fail: (error: Error) => void }> = []
  const refresh = createRefresh(async () =>
    await new Promise((resolve, reject) => runs.push({ end: resolve, fail: reject }))
  )
  const first = refresh()
  const later = [refresh(), refresh()]
  let settled = 0
  for (const one of later) one.then(() => settled++, () => settled++)
  t.equal(runs.length, 1)
  runs[0]?.end()
  await first
  await new Promise(setImmediate)
  t.same([runs.length, settled], [2, 0], 'the others wait for a run that began after them')
  const last = refresh()
  runs[1]?.fail(new Error('down'))
  await Promise.allSettled(later)
  t.equal(settled, 2)
  await new Promise(setImmediate)
  t.equal(runs.length, 3, 'a failed run stops no later one')
  runs[2]?.end()
  await last
  refresh()
  t.equal(runs.length, 4)
})

t.test('follows the clock of the service only if the browser’s is wrong', async t => {
  const { noteServerTime, serverNow } = await import(new URL('clock.js', folder).href) as {
    noteServerTime: (date: string | null, sentAt: number) => void,
    serverNow: () => number
  }
  const isNear = (at: number) => Math.abs(serverNow() - at) < 2000
  const date = (at: number) => new Date(at).toUTCString()
  const now = Date.now()
  noteServerTime(date(now - 3_600_000), now)
  t.ok(isNear(now - 3_600_000), 'an hour ahead')
  noteServerTime(null, now)
  noteServerTime('yesterday', now)
  noteServerTime(date(now), now + 60_000)
  t.ok(isNear(now - 3_600_000), 'without a time, nothing changes')
  noteServerTime(date(now + 3_600_000), now)
  t.ok(isNear(now + 3_600_000), 'an hour behind')
  noteServerTime(date(Date.now() - 5000), Date.now() - 10_000)
  t.ok(isNear(Date.now()), 'a slow answer is no wrong clock')
})

t.test('answers page requests with pages when something is missing or wrong', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const accept = { accept: 'text/html,application/xhtml+xml' }
  for (
    const [url, status] of [
      ['/desk/nothing', 404],
      ['/nothing', 404],
      ['/member/nothing', 404],
      ['/member/login?to=nowhere', 400],
      ['/member/help?way=nowhere', 400]
    ] as const
  ) {
    const page = await app.inject({ url, headers: accept })
    t.match([page.statusCode, page.headers['content-type']], [status, /^text\/html/], url)
    t.notMatch(page.body, /querystring|must be|constant|schema/, 'the page says it in plain words')
    t.match(page.headers['content-security-policy'], /default-src 'none'/)
  }
  for (const url of ['/api/nothing', '/desk/nothing']) {
    t.match((await app.inject(url)).json(), { code: 'SERVICE_NO_SUCH_ROUTE' }, url)
  }
})
