import { all, type Case, changed, headEdited, ofBody, one, open } from './case.ts'
import { written } from './raw.ts'
import { genuine, type Genuine, type Vendor } from './vendors.ts'

const target = (edit: (target: string) => string) =>
  changed(({ target }) => ({ target: edit(target) }))
const method = (method: string) => changed(() => ({ method }))
/** The vendors that do not sign the path. */
const signless = all.filter(vendor => vendor !== 'contiple-uri')
const version = (version: string) => changed(() => ({ version }))

/** Unusual request lines. */
export const targetCases: Case[] = [
  one(
    'the absolute form, which HTTP demands to be taken',
    'in',
    signless,
    target(target => `http://evil.example${target}`)
  ),
  one(
    'the absolute form where the URI is signed',
    'no',
    ['contiple-uri'],
    target(target => `http://evil.example${target}`)
  ),
  one('the absolute form without a host', 'http 400', all, target(target => `http://${target}`)),
  one('two slashes', 'http 404', all, target(target => `/${target}`)),
  one('a host in slashes', 'http 404', all, target(target => `//evil.example${target}`)),
  one('dots', 'http 404', all, target(target => `/x/..${target}`)),
  one('an escaped dot', 'http 404', all, target(target => `/%2e${target}`)),
  one('a slash at the end', 'http 404', ofBody, target(target => `${target}/`)),
  one('the path in capitals', 'http 404', all, target(target => target.toUpperCase())),
  one('an escaped NUL at the end', 'http 404', ofBody, target(target => `${target}%00`)),
  one('a broken escape', 'http 400', ofBody, target(target => `${target}%`)),
  one('a backslash', 'http 404', all, target(target => target.replace('/', '/\\'))),
  one('no slash', 'http 400', all, target(target => target.slice(1))),
  one('an asterisk', 'http 404', all, target(() => '*')),
  one('a NUL', 'http 400', all, target(target => `${target}\0`)),
  one('a blank', 'http 400', all, target(target => `${target} x`)),
  one('bytes beyond ASCII', 'http 400', ofBody, target(target => `${target}\xc3\xa5`)),
  one('a path parameter', 'http 404', ofBody, target(target => `${target};x=y`)),
  one(
    'an escaped letter is the same path',
    'in',
    ['contiple', 'huawei-aicc', 'online-contact', 'itx-chat'],
    target(target =>
      target.replace(/[a-z](?=[a-z]*$)/, one => `%${one.charCodeAt(0).toString(16)}`)
    )
  ),
  one(
    'an escaped letter is another URI',
    'no',
    ['contiple-uri'],
    target(target => target.replace(/i$/, '%69'))
  ),
  one(
    'a query that nobody signs',
    'in',
    ['contiple', 'huawei-aicc', 'online-contact', 'itx-chat'],
    target(target => `${target}?x=y`)
  ),
  one('a query that is signed, changed', 'no', ['contiple-uri'], target(target => `${target}?x=y`)),
  one(
    'a query of 15 kB',
    'in',
    ['contiple', 'oracle-csc'],
    target(target => `${target}${target.includes('?') ? '&' : '?'}${'x'.repeat(15_000)}`)
  ),
  one('a fragment', 'no', ['oracle-csc', 'contiple-uri'], target(target => `${target}#x=y`)),
  one(
    'a fragment for a question mark',
    'no',
    ['oracle-csc'],
    target(target => target.replace('?', '#'))
  ),
  one(
    'each parameter twice',
    'no',
    ['oracle-csc'],
    target(target => `${target}&${target.replace(/.*\?/, '')}`)
  ),
  one(
    'the hash twice, the second in another spelling of its name',
    'no',
    ['oracle-csc'],
    target(target => `${target}&h%61sh=${'a'.repeat(40)}`)
  ),
  one(
    'a semicolon before the hash',
    'no',
    ['oracle-csc'],
    target(target => target.replace('&hash=', ';hash='))
  ),
  one(
    'a broken escape in the query',
    'no',
    ['oracle-csc'],
    target(target => target.replace('kim', 'k%zzim'))
  ),
  one(
    'an escape of no UTF-8 in the query',
    'no',
    ['oracle-csc'],
    target(target => target.replace('kim', 'k%ffim'))
  ),

  ...['post', 'get', 'POSTER', 'G E T', ''].map(name =>
    one(`the method "${name}"`, 'http 400', all, method(name))
  ),
  ...['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map(name =>
    one(`the method ${name}`, 'http 404', all, method(name))
  ),
  one('TRACE', 'http 404', ofBody, method('TRACE')),
  one(
    'CONNECT',
    '',
    all,
    changed(({ body }) => ({ method: 'CONNECT', target: 'evil.example:443', body }))
  ),
  one('HTTP/1.0', 'in', all, version('HTTP/1.0')),
  one(
    'HTTP/1.0 without a Host',
    'in',
    all,
    changed(({ headers }) => ({
      version: 'HTTP/1.0',
      headers: headers.filter(([name]) => name !== 'Host')
    }))
  ),
  one(
    'HTTP/1.1 without a Host',
    'http 400',
    all,
    changed(({ headers }) => ({ headers: headers.filter(([name]) => name !== 'Host') }))
  ),
  one(
    'an empty Host',
    'in',
    all,
    headEdited(head => head.replace('Host: service.example', 'Host:'))
  ),
  one(
    'an odd Host',
    'in',
    all,
    headEdited(head => head.replace('service.example', 'a b/@\\:99999'))
  ),
  ...['HTTP/1.2', 'HTTP/9.9', 'http/1.1', 'HTTP/1', 'HTTPS/1.1'].map(name =>
    one(`the version ${name}`, 'http 400', all, version(name))
  ),
  ...['HTTP/0.9', 'HTTP/2.0'].map(name =>
    one(`the version ${name}, which Node reads as the one it has`, 'in', all, version(name))
  ),
  one(
    'HTTP/0.9: a line and no more, signed',
    'in',
    ['oracle-csc'],
    ({ target }) => [`GET ${target}\r\n\r\n`]
  ),
  one(
    'the preface of HTTP/2',
    'http 400',
    ['contiple'],
    () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Buffer.alloc(9)]
  ),
  one(
    'TLS',
    'http 400',
    ['contiple'],
    () => [Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])]
  ),
  one('empty lines before the first', 'in', all, request => ['\r\n\r\n', written(request)]),
  one('nothing at all', '', ['contiple'], () => ['END']),

  // Several requests in one packet
  one('good, bad, good in one packet', 'in, no, in', all, (request, vendor) => [
    Buffer.concat([written(open(request)), written(forgedOf(vendor)), written(genuine(vendor))])
  ]),
  one('bad, good, bad in one packet', 'no, in, no', all, (_request, vendor) => [
    Buffer.concat([
      written(forgedOf(vendor)),
      written(open(genuine(vendor))),
      written({
        ...forgedOf(vendor),
        headers: [...forgedOf(vendor).headers, ['Connection', 'close']]
      })
    ])
  ]),
  one('a signed head without its body, and a body that is a signed request', 'no', [
    'contiple',
    'contiple-uri'
  ], (request, vendor) => [
    Buffer.concat([written({ ...request, body: written(genuine(vendor)) })])
  ])
]

/**
 * As long and as well-formed as a genuine request, on a kept-alive connection, but with other
 * signed content.
 */
function forgedOf (vendor: Vendor): Genuine {
  const request = open(genuine(vendor))
  const { body, target } = request
  const edit = (text: string): string =>
    text.replace(/[0-9a-f]{4}(?=-[0-9a-f]{12})/, part => part === '0000' ? '1111' : '0000')
  return {
    ...request,
    target: target.replace('kim', 'eve'),
    body: Buffer.from(edit(body.toString()))
  }
}
