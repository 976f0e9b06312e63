import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type Case, changed, ofBody, one, replaced } from './case.ts'
import { written } from './raw.ts'
import { contipleOver, type Genuine } from './vendors.ts'

/** Contiple's request over any bytes of any type, with a valid signature. */
function over (
  bytes: Buffer,
  type = 'application/json',
  ...more: Array<[string, string]>
): Case['send'] {
  const { body, headers } = contipleOver(bytes)
  return (
    { headers: [host = ['Host', ''], close = ['Connection', '']], ...request }
  ) => [
    written({
      ...request,
      body,
      headers: [host, close, ['Content-Type', type], ...headers, ...more]
    })
  ]
}

const typed =
  (type: string) => (request: Genuine) => [written(replaced(request, 'Content-Type', type))]
const recoded = (code: (body: Buffer) => Buffer) => changed(({ body }) => ({ body: code(body) }))
const text = '{"callNum":"\u{1F600}é"}'
const utf16 = Buffer.from(text, 'utf16le')
const json = ['contiple', 'contiple-uri', 'huawei-aicc', 'itx-chat'] as const
const bom = Buffer.from([0xef, 0xbb, 0xbf])

/** Unusual bytes in bodies. */
export const bodyCases: Case[] = [
  one(
    'gzip, signed as compressed',
    'no 415',
    ['contiple'],
    over(gzipSync(text), 'application/octet-stream', ['Content-Encoding', 'gzip'])
  ),
  one(
    "gzip in JSON's name, signed as compressed",
    'no',
    ['contiple'],
    over(gzipSync(text), 'application/json', ['Content-Encoding', 'gzip'])
  ),
  one(
    'brotli, signed as compressed',
    'no',
    ['contiple'],
    over(brotliCompressSync(text), 'application/json', ['Content-Encoding', 'br'])
  ),
  one('gzip that does not say so', 'no', ['contiple'], over(gzipSync(text))),
  one(
    'a gzip bomb that says so',
    'no',
    ofBody,
    request => [
      written({
        ...request,
        headers: [...request.headers, ['Content-Encoding', 'gzip']],
        body: gzipSync(Buffer.alloc(1_000_000)).subarray(0, 1900)
      })
    ]
  ),
  one('any text within JSON', 'in', ['contiple'], over(Buffer.from(text))),

  one('UTF-16 that says so', 'no', ['contiple'], over(utf16, 'application/json; charset=utf-16')),
  one(
    'UTF-16 that does not say so',
    'no',
    json,
    recoded(body => Buffer.from(body.toString(), 'utf16le'))
  ),
  one(
    'bytes of Latin-1 in a signed text',
    'no',
    ['contiple'],
    over(Buffer.from('{"callNum":"é"}', 'latin1'), 'application/json; charset=iso-8859-1')
  ),
  one(
    'a byte of no UTF-8 in a signed text',
    'no',
    ['contiple'],
    over(Buffer.from('{"callNum":"\xff"}', 'latin1'))
  ),
  one(
    'a byte of no UTF-8 put into a body',
    'no',
    ofBody,
    recoded(body => Buffer.concat([body.subarray(0, -2), Buffer.from([0xff]), body.subarray(-2)]))
  ),
  one(
    'an overlong slash, signed',
    'no',
    ['contiple'],
    over(Buffer.from('{"callNum":"\xc0\xaf"}', 'latin1'))
  ),
  one(
    'half a pair, signed',
    'no',
    ['contiple'],
    over(Buffer.from('{"callNum":"\xed\xa0\x80"}', 'latin1'))
  ),
  one(
    'a byte order mark before a body',
    'no',
    ['contiple', 'contiple-uri'],
    recoded(body => Buffer.concat([bom, body]))
  ),
  one(
    'another charset in the type only: the bytes are what was signed',
    'in',
    json,
    typed('application/json; charset=utf-16')
  ),
  one('a type in capitals', 'in', json, typed('APPLICATION/JSON')),
  one('a type with odd parameters', 'in', json, typed('application/json;charset="utf-8";a=b')),
  one(
    'a type with a tab before its parameter',
    'in',
    json,
    typed('application/json\t; charset=utf-8')
  ),
  ...[
    '',
    '/',
    'application/jsonx',
    'application/json/x',
    'application/json, text/plain',
    'text/plain application/json',
    'application/x-unknown',
    'multipart/form-data; boundary=x',
    '*/*',
    'application/json\x80'
  ].map(type => one(`the type "${type}"`, 'no', json, typed(type))),
  one('JSON that is called text', 'no', ['huawei-aicc'], typed('text/plain')),
  one('a form that is called JSON', 'no', ['online-contact'], typed('application/json')),
  one('a form that is called text', 'no', ['online-contact'], typed('text/plain')),

  one('an empty body', 'no', ofBody, recoded(() => Buffer.alloc(0))),
  one(
    'a NUL behind the body',
    'no',
    ofBody,
    recoded(body => Buffer.concat([body, Buffer.from([0])]))
  ),
  one(
    'a blank behind the body',
    'no',
    ['contiple', 'contiple-uri', 'online-contact'],
    recoded(body => Buffer.concat([body, Buffer.from(' ')]))
  ),
  one(
    'a NUL within the body',
    'no',
    ofBody,
    recoded(body => Buffer.concat([body.subarray(0, 20), Buffer.from([0]), body.subarray(20)]))
  ),
  one('the body twice', 'no', ofBody, recoded(body => Buffer.concat([body, body]))),
  one('half the body', 'no', ofBody, recoded(body => body.subarray(0, body.length / 2))),
  one(
    'deep JSON, signed',
    'in',
    ['contiple'],
    over(Buffer.from('['.repeat(900) + ']'.repeat(900)))
  ),
  one(
    '__proto__, signed: Fastify refuses to parse it',
    'no',
    ['contiple'],
    over(Buffer.from('{"__proto__":{"admin":true}}'))
  ),
  one(
    'constructor.prototype, signed: Fastify refuses to parse it',
    'no',
    ['contiple'],
    over(Buffer.from('{"constructor":{"prototype":{"admin":true}}}'))
  )
]
