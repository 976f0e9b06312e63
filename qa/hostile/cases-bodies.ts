import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type Case, modify, ofBody, createCase, replaceHeader } from './case.ts'
import { serializeRequest } from './raw.ts'
import { contipleOver, type Genuine } from './vendors.ts'

/** Contiple's request over any bytes of any type, with a valid signature. */
function sendSigned (
  bytes: Buffer,
  type = 'application/json',
  ...more: Array<[string, string]>
): Case['send'] {
  const { body, headers } = contipleOver(bytes)
  return (
    { headers: [host = ['Host', ''], close = ['Connection', '']], ...request }
  ) => [
    serializeRequest({
      ...request,
      body,
      headers: [host, close, ['Content-Type', type], ...headers, ...more]
    })
  ]
}

const withType = (type: string) => (request: Genuine) => [
  serializeRequest(replaceHeader(request, 'Content-Type', type))
]
const withBody = (code: (body: Buffer) => Buffer) => modify(({ body }) => ({ body: code(body) }))
const text = '{"callNum":"\u{1F600}é"}'
const utf16 = Buffer.from(text, 'utf16le')
const json = ['contiple', 'contiple-uri', 'huawei-aicc', 'itx-chat'] as const
const bom = Buffer.from([0xef, 0xbb, 0xbf])

/** Unusual bytes in bodies. */
export const bodyCases: Case[] = [
  createCase(
    'gzip, signed as compressed',
    'no 415',
    ['contiple'],
    sendSigned(gzipSync(text), 'application/octet-stream', ['Content-Encoding', 'gzip'])
  ),
  createCase(
    "gzip in JSON's name, signed as compressed",
    'no',
    ['contiple'],
    sendSigned(gzipSync(text), 'application/json', ['Content-Encoding', 'gzip'])
  ),
  createCase(
    'brotli, signed as compressed',
    'no',
    ['contiple'],
    sendSigned(brotliCompressSync(text), 'application/json', ['Content-Encoding', 'br'])
  ),
  createCase('gzip that does not say so', 'no', ['contiple'], sendSigned(gzipSync(text))),
  createCase(
    'a gzip bomb that says so',
    'no',
    ofBody,
    request => [
      serializeRequest({
        ...request,
        headers: [...request.headers, ['Content-Encoding', 'gzip']],
        body: gzipSync(Buffer.alloc(1_000_000)).subarray(0, 1900)
      })
    ]
  ),
  createCase('any text within JSON', 'in', ['contiple'], sendSigned(Buffer.from(text))),

  createCase(
    'UTF-16 that says so',
    'no',
    ['contiple'],
    sendSigned(utf16, 'application/json; charset=utf-16')
  ),
  createCase(
    'UTF-16 that does not say so',
    'no',
    json,
    withBody(body => Buffer.from(body.toString(), 'utf16le'))
  ),
  createCase(
    'bytes of Latin-1 in a signed text',
    'no',
    ['contiple'],
    sendSigned(Buffer.from('{"callNum":"é"}', 'latin1'), 'application/json; charset=iso-8859-1')
  ),
  createCase(
    'a byte of no UTF-8 in a signed text',
    'no',
    ['contiple'],
    sendSigned(Buffer.from('{"callNum":"\xff"}', 'latin1'))
  ),
  createCase(
    'a byte of no UTF-8 put into a body',
    'no',
    ofBody,
    withBody(body => Buffer.concat([body.subarray(0, -2), Buffer.from([0xff]), body.subarray(-2)]))
  ),
  createCase(
    'an overlong slash, signed',
    'no',
    ['contiple'],
    sendSigned(Buffer.from('{"callNum":"\xc0\xaf"}', 'latin1'))
  ),
  createCase(
    'half a pair, signed',
    'no',
    ['contiple'],
    sendSigned(Buffer.from('{"callNum":"\xed\xa0\x80"}', 'latin1'))
  ),
  createCase(
    'a byte order mark before a body',
    'no',
    ['contiple', 'contiple-uri'],
    withBody(body => Buffer.concat([bom, body]))
  ),
  createCase(
    'another charset in the type only: the bytes are what was signed',
    'in',
    json,
    withType('application/json; charset=utf-16')
  ),
  createCase('a type in capitals', 'in', json, withType('APPLICATION/JSON')),
  createCase(
    'a type with odd parameters',
    'in',
    json,
    withType('application/json;charset="utf-8";a=b')
  ),
  createCase(
    'a type with a tab before its parameter',
    'in',
    json,
    withType('application/json\t; charset=utf-8')
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
  ].map(type => createCase(`the type "${type}"`, 'no', json, withType(type))),
  createCase('JSON that is called text', 'no', ['huawei-aicc'], withType('text/plain')),
  createCase('a form that is called JSON', 'no', ['online-contact'], withType('application/json')),
  createCase('a form that is called text', 'no', ['online-contact'], withType('text/plain')),

  createCase('an empty body', 'no', ofBody, withBody(() => Buffer.alloc(0))),
  createCase(
    'a NUL behind the body',
    'no',
    ofBody,
    withBody(body => Buffer.concat([body, Buffer.from([0])]))
  ),
  createCase(
    'a blank behind the body',
    'no',
    ['contiple', 'contiple-uri', 'online-contact'],
    withBody(body => Buffer.concat([body, Buffer.from(' ')]))
  ),
  createCase(
    'a NUL within the body',
    'no',
    ofBody,
    withBody(body => Buffer.concat([body.subarray(0, 20), Buffer.from([0]), body.subarray(20)]))
  ),
  createCase('the body twice', 'no', ofBody, withBody(body => Buffer.concat([body, body]))),
  createCase('half the body', 'no', ofBody, withBody(body => body.subarray(0, body.length / 2))),
  createCase(
    'deep JSON, signed',
    'in',
    ['contiple'],
    sendSigned(Buffer.from('['.repeat(900) + ']'.repeat(900)))
  ),
  createCase(
    '__proto__, signed: Fastify refuses to parse it',
    'no',
    ['contiple'],
    sendSigned(Buffer.from('{"__proto__":{"admin":true}}'))
  ),
  createCase(
    'constructor.prototype, signed: Fastify refuses to parse it',
    'no',
    ['contiple'],
    sendSigned(Buffer.from('{"constructor":{"prototype":{"admin":true}}}'))
  )
]
