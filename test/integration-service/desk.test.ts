import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { service, sqliteUrl } from './helper.ts'

const folder = new URL('../../examples/integration-service/desk/public/', import.meta.url)
const files = readdirSync(folder)

t.test('the agent desktop is served under a strict policy', async t => {
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
  t.notMatch(desk.body, /<script(?![^>]* src=)| style=| on[a-z]+="|<style/, 'nothing inline')
  for (const [, url = ''] of desk.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    t.equal((await app.inject(url)).statusCode, 200, url)
  }
  for (const url of ['/desk/../routes.ts', '/desk/%2e%2e/routes.ts', '/desk/nothing.js']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
})

t.test('the bare address leads to the desk', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  const { statusCode, headers } = await app.inject('/')
  t.same([statusCode, headers.location], [302, '/desk'])
})

t.test('its modules import what is there, and make no HTML from text', async t => {
  const { app } = await service(t, { DATABASE_URL: sqliteUrl(t) })
  for (const file of files.filter(name => name.endsWith('.js'))) {
    const { body, headers } = await app.inject(`/desk/${file}`)
    t.match(headers['content-type'], /javascript/, file)
    t.equal(body, readFileSync(new URL(file, folder), 'utf8'))
    t.notMatch(body, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/, file)
    for (const [, name = ''] of body.matchAll(/from '\.\/([^']+)'/g)) {
      t.ok(files.includes(name), `${file} imports ${name}`)
    }
  }
})

t.test('every control of the page has a name', async t => {
  const page = readFileSync(new URL('desk.html', folder), 'utf8')
  for (const [input] of page.matchAll(/<label>(?:(?!<\/label>).)*<input[^>]*>/g)) {
    t.match(input, /<label>(?:<span class="visually-hidden">)?[A-Z]/, input)
  }
  t.equal([...page.matchAll(/<input/g)].length, [...page.matchAll(/<label>/g)].length)
  for (const [, id = ''] of page.matchAll(/aria-labelledby="([^"]+)"/g)) t.match(page, `id="${id}"`)
})
