import {
  all,
  type Case,
  modify,
  editHead,
  ofBody,
  ofHeaders,
  createCase,
  replaceHeader,
  valueOf,
  withHeaders
} from './case.ts'
import { serializeRequest } from './raw.ts'

const repeatHeader = (name: string, edit = (value: string): string => value) =>
  modify(request => ({ headers: [...request.headers, [name, edit(valueOf(request, name))]] }))

/** Unusual heads over the signed body. */
export const headerCases: Case[] = [
  // Repeated
  createCase('Authorization twice', 'no', ofHeaders, repeatHeader('Authorization')),
  createCase(
    'Authorization twice, the second forged',
    'no',
    ofHeaders,
    repeatHeader('Authorization', value => value.replace(/^./, first => first === 'A' ? 'B' : 'A'))
  ),
  createCase(
    'Authorization twice, in other case',
    'no',
    ofHeaders,
    modify(request => ({
      headers: [...request.headers, ['AUTHORIZATION', valueOf(request, 'Authorization')]]
    }))
  ),
  createCase(
    'Authorization twice, the first empty',
    'no',
    ofHeaders,
    modify(({ headers }) => ({ headers: [['Authorization', ''], ...headers] }))
  ),
  createCase('the time twice', 'no', ofHeaders, repeatHeader('X-TC-Timestamp')),
  createCase(
    'the time twice, the second later',
    'no',
    ofHeaders,
    repeatHeader('X-TC-Timestamp', value => String(Number(value) + 1))
  ),
  createCase(
    'two values in one header',
    'no',
    ofHeaders,
    request => [
      serializeRequest(
        replaceHeader(
          request,
          'Authorization',
          `${valueOf(request, 'Authorization')}, ${valueOf(request, 'Authorization')}`
        )
      )
    ]
  ),
  createCase(
    'Content-Length twice, alike',
    'http 400',
    ofBody,
    modify(({ headers, body }) => ({
      headers: [...headers, ['Content-Length', String(body.length)], [
        'Content-Length',
        String(body.length)
      ]]
    }))
  ),
  createCase(
    'Content-Length twice, shorter',
    'http 400',
    ofBody,
    modify(({ headers, body }) => ({
      headers: [...headers, ['Content-Length', String(body.length)], ['Content-Length', '1']]
    }))
  ),
  createCase(
    'Content-Type twice: what reads the body by it would be ambiguous',
    'no',
    ofBody,
    repeatHeader('Content-Type')
  ),
  createCase('Host twice', 'in', all, withHeaders(['Host', 'evil.example'])),

  // Folded, split and bare
  createCase(
    'a folded Authorization',
    'http 400',
    ofHeaders,
    editHead(head => head.replace('Authorization: ', 'Authorization: x\r\n '))
  ),
  createCase(
    'an Authorization that begins on the next line',
    'http 400',
    ofHeaders,
    editHead(head => head.replace('Authorization: ', 'Authorization:\r\n '))
  ),
  createCase(
    'a header folded with a tab',
    'http 400',
    all,
    editHead(head => head.replace('\r\n\r\n', '\r\nX-Folded: a\r\n\tb\r\n\r\n'))
  ),
  createCase(
    'a head that begins with a folded line',
    'http 400',
    all,
    editHead(head => head.replace('\r\nHost', '\r\n X: y\r\nHost'))
  ),
  createCase(
    'a space before the colon',
    'http 400',
    all,
    editHead(head => head.replace('Host:', 'Host :'))
  ),
  createCase(
    'no colon',
    'http 400',
    all,
    editHead(head => head.replace('\r\n\r\n', '\r\nNonsense\r\n\r\n'))
  ),
  createCase(
    'an empty name',
    'http 400',
    all,
    editHead(head => head.replace('\r\n\r\n', '\r\n: x\r\n\r\n'))
  ),
  createCase(
    'a lone CR in a value',
    'http 400',
    all,
    editHead(head => head.replace('\r\n\r\n', '\r\nX-Odd: a\rb\r\n\r\n'))
  ),
  createCase(
    'a lone LF at the end of a line',
    'http 400',
    all,
    editHead(head => head.replace('\r\nHost', '\nHost'))
  ),
  createCase(
    'a NUL in a value',
    'http 400',
    all,
    editHead(head => head.replace('\r\n\r\n', '\r\nX-Odd: a\0b\r\n\r\n'))
  ),
  createCase(
    'a NUL in the signature',
    'http 400',
    ofHeaders,
    editHead(head => head.replace('Authorization: ', 'Authorization: \0'))
  ),
  createCase(
    'bytes beyond ASCII in the signature',
    'no',
    ofHeaders,
    editHead(head => head.replace(/Authorization: ../, 'Authorization: \xc3\x85'))
  ),
  createCase(
    'blanks around the signature, which HTTP takes off',
    'in',
    ofHeaders,
    editHead(head => head.replace(/Authorization: (.*)\r\n/, 'Authorization: \t $1 \t\r\n'))
  ),
  createCase('no blank after the colon', 'in', all, editHead(head => head.replaceAll(': ', ':'))),
  createCase(
    'names in capitals',
    'in',
    all,
    modify(({ headers }) => ({
      headers: headers.map(([name, value]) => [name.toUpperCase(), value])
    }))
  ),

  // Too large
  createCase('a head of 20 kB', 'http 431', all, withHeaders(['X-Long', 'x'.repeat(20_000)])),
  createCase(
    '3000 headers before the signature: Node drops what is behind 2000',
    'no',
    ofHeaders,
    modify(({ headers }) => ({
      headers: [
        ...headers.slice(0, 3),
        ...Array.from({ length: 3000 }, (): [string, string] => ['a', '']),
        ...headers.slice(3)
      ]
    }))
  ),

  // Expect: 100-continue
  createCase('Expect: 100-continue', 'in', ofBody, withHeaders(['Expect', '100-continue'])),
  createCase(
    'Expect: 100-continue, in capitals',
    'in',
    ofBody,
    withHeaders(['Expect', '100-CONTINUE'])
  ),
  createCase('an unknown expectation', 'http 417', all, withHeaders(['Expect', '200-maybe'])),

  // Proxy headers
  createCase(
    "a proxy's words are not taken for the vendor's",
    'in',
    all,
    withHeaders(['X-Forwarded-For', '10.0.0.1, 127.0.0.1'], ['X-Forwarded-Host', 'evil.example'], [
      'X-Forwarded-Proto',
      'https'
    ], ['Forwarded', 'for=10.0.0.1;host=evil.example;proto=https'])
  ),
  createCase(
    "another target in a proxy's words",
    'in',
    all,
    withHeaders(['X-Original-URL', '/other'], ['X-Rewrite-URL', '/other'], [
      'X-Forwarded-Prefix',
      '/other'
    ], ['X-Forwarded-Uri', '/other'])
  ),
  createCase(
    'odd words of a proxy',
    'in',
    all,
    withHeaders(['X-Forwarded-For', 'unknown, , ::1]:x'], ['X-Forwarded-Host', ','], [
      'X-Forwarded-Proto',
      'javascript'
    ], ['Forwarded', ';;=,"'])
  ),
  createCase(
    'another method in a header',
    'in',
    all,
    withHeaders(['X-HTTP-Method-Override', 'DELETE'])
  ),
  createCase(
    'an upgrade',
    'in',
    all,
    modify(({ headers }) => ({
      headers: [...headers, ['Upgrade', 'h2c'], ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA']]
    }))
  )
]
