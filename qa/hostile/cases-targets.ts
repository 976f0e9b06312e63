import { all, type Case, modify, editHead, ofBody, createCase, keepOpen } from './case.ts'
import { serializeRequest } from './raw.ts'
import { genuine, type Genuine, type Vendor } from './vendors.ts'

const target = (edit: (target: string) => string) =>
  modify(({ target: editTarget }) => ({ target: edit(editTarget) }))
const method = (method: string) => modify(() => ({ method }))
/** The vendors that do not sign the path. */
const signless = all.filter(vendor => vendor !== 'contiple-uri')
const version = (version: string) => modify(() => ({ version }))

/** Unusual request lines. */
export const targetCases: Case[] = [
  createCase(
    'the absolute form, which HTTP demands to be taken',
    'in',
    signless,
    target(target => `http://evil.example${target}`)
  ),
  createCase(
    'the absolute form where the URI is signed',
    'no',
    ['contiple-uri'],
    target(target => `http://evil.example${target}`)
  ),
  createCase(
    'the absolute form without a host',
    'http 400',
    all,
    target(target => `http://${target}`)
  ),
  createCase('two slashes', 'http 404', all, target(target => `/${target}`)),
  createCase('a host in slashes', 'http 404', all, target(target => `//evil.example${target}`)),
  createCase('dots', 'http 404', all, target(target => `/x/..${target}`)),
  createCase('an escaped dot', 'http 404', all, target(target => `/%2e${target}`)),
  createCase('a slash at the end', 'http 404', ofBody, target(target => `${target}/`)),
  createCase('the path in capitals', 'http 404', all, target(target => target.toUpperCase())),
  createCase('an escaped NUL at the end', 'http 404', ofBody, target(target => `${target}%00`)),
  createCase('a broken escape', 'http 400', ofBody, target(target => `${target}%`)),
  createCase('a backslash', 'http 404', all, target(target => target.replace('/', '/\\'))),
  createCase('no slash', 'http 400', all, target(target => target.slice(1))),
  createCase('an asterisk', 'http 404', all, target(() => '*')),
  createCase('a NUL', 'http 400', all, target(target => `${target}\0`)),
  createCase('a blank', 'http 400', all, target(target => `${target} x`)),
  createCase('bytes beyond ASCII', 'http 400', ofBody, target(target => `${target}\xc3\xa5`)),
  createCase('a path parameter', 'http 404', ofBody, target(target => `${target};x=y`)),
  createCase(
    'an escaped letter is the same path',
    'in',
    ['contiple', 'huawei-aicc', 'online-contact', 'itx-chat'],
    target(target =>
      target.replace(/[a-z](?=[a-z]*$)/, letter => `%${letter.charCodeAt(0).toString(16)}`)
    )
  ),
  createCase(
    'an escaped letter is another URI',
    'no',
    ['contiple-uri'],
    target(target => target.replace(/i$/, '%69'))
  ),
  createCase(
    'a query that nobody signs',
    'in',
    ['contiple', 'huawei-aicc', 'online-contact', 'itx-chat'],
    target(target => `${target}?x=y`)
  ),
  createCase(
    'a query that is signed, changed',
    'no',
    ['contiple-uri'],
    target(target => `${target}?x=y`)
  ),
  createCase(
    'a query of 15 kB',
    'in',
    ['contiple', 'oracle-csc'],
    target(target => `${target}${target.includes('?') ? '&' : '?'}${'x'.repeat(15_000)}`)
  ),
  createCase('a fragment', 'no', ['oracle-csc', 'contiple-uri'], target(target => `${target}#x=y`)),
  createCase(
    'a fragment for a question mark',
    'no',
    ['oracle-csc'],
    target(target => target.replace('?', '#'))
  ),
  createCase(
    'each parameter twice',
    'no',
    ['oracle-csc'],
    target(target => `${target}&${target.replace(/.*\?/, '')}`)
  ),
  createCase(
    'the hash twice, the second in another spelling of its name',
    'no',
    ['oracle-csc'],
    target(target => `${target}&h%61sh=${'a'.repeat(40)}`)
  ),
  createCase(
    'a semicolon before the hash',
    'no',
    ['oracle-csc'],
    target(target => target.replace('&hash=', ';hash='))
  ),
  createCase(
    'a broken escape in the query',
    'no',
    ['oracle-csc'],
    target(target => target.replace('kim', 'k%zzim'))
  ),
  createCase(
    'an escape of no UTF-8 in the query',
    'no',
    ['oracle-csc'],
    target(target => target.replace('kim', 'k%ffim'))
  ),

  ...['post', 'get', 'POSTER', 'G E T', ''].map(name =>
    createCase(`the method "${name}"`, 'http 400', all, method(name))
  ),
  ...['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map(name =>
    createCase(`the method ${name}`, 'http 404', all, method(name))
  ),
  createCase('TRACE', 'http 404', ofBody, method('TRACE')),
  createCase(
    'CONNECT',
    '',
    all,
    modify(({ body }) => ({ method: 'CONNECT', target: 'evil.example:443', body }))
  ),
  createCase('HTTP/1.0', 'in', all, version('HTTP/1.0')),
  createCase(
    'HTTP/1.0 without a Host',
    'in',
    all,
    modify(({ headers }) => ({
      version: 'HTTP/1.0',
      headers: headers.filter(([name]) => name !== 'Host')
    }))
  ),
  createCase(
    'HTTP/1.1 without a Host',
    'http 400',
    all,
    modify(({ headers }) => ({ headers: headers.filter(([name]) => name !== 'Host') }))
  ),
  createCase(
    'an empty Host',
    'in',
    all,
    editHead(head => head.replace('Host: service.example', 'Host:'))
  ),
  createCase(
    'an odd Host',
    'in',
    all,
    editHead(head => head.replace('service.example', 'a b/@\\:99999'))
  ),
  ...['HTTP/1.2', 'HTTP/9.9', 'http/1.1', 'HTTP/1', 'HTTPS/1.1'].map(name =>
    createCase(`the version ${name}`, 'http 400', all, version(name))
  ),
  ...['HTTP/0.9', 'HTTP/2.0'].map(name =>
    createCase(`the version ${name}, which Node reads as the one it has`, 'in', all, version(name))
  ),
  createCase(
    'HTTP/0.9: a line and no more, signed',
    'in',
    ['oracle-csc'],
    ({ target }) => [`GET ${target}\r\n\r\n`]
  ),
  createCase(
    'the preface of HTTP/2',
    'http 400',
    ['contiple'],
    () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Buffer.alloc(9)]
  ),
  createCase(
    'TLS',
    'http 400',
    ['contiple'],
    () => [Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])]
  ),
  createCase(
    'empty lines before the first',
    'in',
    all,
    request => ['\r\n\r\n', serializeRequest(request)]
  ),
  createCase('nothing at all', '', ['contiple'], () => ['END']),

  // Several requests in one packet
  createCase('good, bad, good in one packet', 'in, no, in', all, (request, vendor) => [
    Buffer.concat([
      serializeRequest(keepOpen(request)),
      serializeRequest(forgeRequest(vendor)),
      serializeRequest(genuine(vendor))
    ])
  ]),
  createCase('bad, good, bad in one packet', 'no, in, no', all, (_request, vendor) => [
    Buffer.concat([
      serializeRequest(forgeRequest(vendor)),
      serializeRequest(keepOpen(genuine(vendor))),
      serializeRequest({
        ...forgeRequest(vendor),
        headers: [...forgeRequest(vendor).headers, ['Connection', 'close']]
      })
    ])
  ]),
  createCase('a signed head without its body, and a body that is a signed request', 'no', [
    'contiple',
    'contiple-uri'
  ], (request, vendor) => [
    Buffer.concat([serializeRequest({ ...request, body: serializeRequest(genuine(vendor)) })])
  ])
]

/**
 * As long and as well-formed as a genuine request, on a kept-alive connection, but with other
 * signed content.
 */
function forgeRequest (vendor: Vendor): Genuine {
  const request = keepOpen(genuine(vendor))
  const { body, target } = request
  const edit = (text: string): string =>
    text.replace(/[0-9a-f]{4}(?=-[0-9a-f]{12})/, part => part === '0000' ? '1111' : '0000')
  return {
    ...request,
    target: target.replace('kim', 'eve'),
    body: Buffer.from(edit(body.toString()))
  }
}
