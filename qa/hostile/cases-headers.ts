import {
  all,
  type Case,
  changed,
  headEdited,
  ofBody,
  ofHeaders,
  one,
  replaced,
  valueOf,
  withHeaders
} from './case.ts'
import { written } from './raw.ts'

const twice = (name: string, edit = (value: string): string => value) =>
  changed(request => ({ headers: [...request.headers, [name, edit(valueOf(request, name))]] }))

/** Unusual heads over the signed body. */
export const headerCases: Case[] = [
  // Repeated
  one('Authorization twice', 'no', ofHeaders, twice('Authorization')),
  one(
    'Authorization twice, the second forged',
    'no',
    ofHeaders,
    twice('Authorization', value => value.replace(/^./, first => first === 'A' ? 'B' : 'A'))
  ),
  one(
    'Authorization twice, in other case',
    'no',
    ofHeaders,
    changed(request => ({
      headers: [...request.headers, ['AUTHORIZATION', valueOf(request, 'Authorization')]]
    }))
  ),
  one(
    'Authorization twice, the first empty',
    'no',
    ofHeaders,
    changed(({ headers }) => ({ headers: [['Authorization', ''], ...headers] }))
  ),
  one('the time twice', 'no', ofHeaders, twice('X-TC-Timestamp')),
  one(
    'the time twice, the second later',
    'no',
    ofHeaders,
    twice('X-TC-Timestamp', value => String(Number(value) + 1))
  ),
  one(
    'two values in one header',
    'no',
    ofHeaders,
    request => [
      written(
        replaced(
          request,
          'Authorization',
          `${valueOf(request, 'Authorization')}, ${valueOf(request, 'Authorization')}`
        )
      )
    ]
  ),
  one(
    'Content-Length twice, alike',
    'http 400',
    ofBody,
    changed(({ headers, body }) => ({
      headers: [...headers, ['Content-Length', String(body.length)], [
        'Content-Length',
        String(body.length)
      ]]
    }))
  ),
  one(
    'Content-Length twice, shorter',
    'http 400',
    ofBody,
    changed(({ headers, body }) => ({
      headers: [...headers, ['Content-Length', String(body.length)], ['Content-Length', '1']]
    }))
  ),
  one(
    'Content-Type twice: what reads the body by it would be ambiguous',
    'no',
    ofBody,
    twice('Content-Type')
  ),
  one('Host twice', 'in', all, withHeaders(['Host', 'evil.example'])),

  // Folded, split and bare
  one(
    'a folded Authorization',
    'http 400',
    ofHeaders,
    headEdited(head => head.replace('Authorization: ', 'Authorization: x\r\n '))
  ),
  one(
    'an Authorization that begins on the next line',
    'http 400',
    ofHeaders,
    headEdited(head => head.replace('Authorization: ', 'Authorization:\r\n '))
  ),
  one(
    'a header folded with a tab',
    'http 400',
    all,
    headEdited(head => head.replace('\r\n\r\n', '\r\nX-Folded: a\r\n\tb\r\n\r\n'))
  ),
  one(
    'a head that begins with a folded line',
    'http 400',
    all,
    headEdited(head => head.replace('\r\nHost', '\r\n X: y\r\nHost'))
  ),
  one(
    'a space before the colon',
    'http 400',
    all,
    headEdited(head => head.replace('Host:', 'Host :'))
  ),
  one(
    'no colon',
    'http 400',
    all,
    headEdited(head => head.replace('\r\n\r\n', '\r\nNonsense\r\n\r\n'))
  ),
  one(
    'an empty name',
    'http 400',
    all,
    headEdited(head => head.replace('\r\n\r\n', '\r\n: x\r\n\r\n'))
  ),
  one(
    'a lone CR in a value',
    'http 400',
    all,
    headEdited(head => head.replace('\r\n\r\n', '\r\nX-Odd: a\rb\r\n\r\n'))
  ),
  one(
    'a lone LF at the end of a line',
    'http 400',
    all,
    headEdited(head => head.replace('\r\nHost', '\nHost'))
  ),
  one(
    'a NUL in a value',
    'http 400',
    all,
    headEdited(head => head.replace('\r\n\r\n', '\r\nX-Odd: a\0b\r\n\r\n'))
  ),
  one(
    'a NUL in the signature',
    'http 400',
    ofHeaders,
    headEdited(head => head.replace('Authorization: ', 'Authorization: \0'))
  ),
  one(
    'bytes beyond ASCII in the signature',
    'no',
    ofHeaders,
    headEdited(head => head.replace(/Authorization: ../, 'Authorization: \xc3\x85'))
  ),
  one(
    'blanks around the signature, which HTTP takes off',
    'in',
    ofHeaders,
    headEdited(head => head.replace(/Authorization: (.*)\r\n/, 'Authorization: \t $1 \t\r\n'))
  ),
  one('no blank after the colon', 'in', all, headEdited(head => head.replaceAll(': ', ':'))),
  one(
    'names in capitals',
    'in',
    all,
    changed(({ headers }) => ({
      headers: headers.map(([name, value]) => [name.toUpperCase(), value])
    }))
  ),

  // Too large
  one('a head of 20 kB', 'http 431', all, withHeaders(['X-Long', 'x'.repeat(20_000)])),
  one(
    '3000 headers before the signature: Node drops what is behind 2000',
    'no',
    ofHeaders,
    changed(({ headers }) => ({
      headers: [
        ...headers.slice(0, 3),
        ...Array.from({ length: 3000 }, (): [string, string] => ['a', '']),
        ...headers.slice(3)
      ]
    }))
  ),

  // Expect: 100-continue
  one('Expect: 100-continue', 'in', ofBody, withHeaders(['Expect', '100-continue'])),
  one('Expect: 100-continue, in capitals', 'in', ofBody, withHeaders(['Expect', '100-CONTINUE'])),
  one('an unknown expectation', 'http 417', all, withHeaders(['Expect', '200-maybe'])),

  // Proxy headers
  one(
    "a proxy's words are not taken for the vendor's",
    'in',
    all,
    withHeaders(['X-Forwarded-For', '10.0.0.1, 127.0.0.1'], ['X-Forwarded-Host', 'evil.example'], [
      'X-Forwarded-Proto',
      'https'
    ], ['Forwarded', 'for=10.0.0.1;host=evil.example;proto=https'])
  ),
  one(
    "another target in a proxy's words",
    'in',
    all,
    withHeaders(['X-Original-URL', '/other'], ['X-Rewrite-URL', '/other'], [
      'X-Forwarded-Prefix',
      '/other'
    ], ['X-Forwarded-Uri', '/other'])
  ),
  one(
    'odd words of a proxy',
    'in',
    all,
    withHeaders(['X-Forwarded-For', 'unknown, , ::1]:x'], ['X-Forwarded-Host', ','], [
      'X-Forwarded-Proto',
      'javascript'
    ], ['Forwarded', ';;=,"'])
  ),
  one('another method in a header', 'in', all, withHeaders(['X-HTTP-Method-Override', 'DELETE'])),
  one(
    'an upgrade',
    'in',
    all,
    changed(({ headers }) => ({
      headers: [...headers, ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA']]
    }))
  )
]
