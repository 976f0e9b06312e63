import {
  all,
  type Case,
  changed,
  chunked,
  headEdited,
  ofBody,
  one,
  open,
  withHeaders
} from './case.ts'
import { chunk, head, written } from './raw.ts'
import { bodyLimit, genuine, type Genuine, type Vendor } from './vendors.ts'

const lengthOf = (length: (body: Buffer) => string) =>
  changed(({ headers, body }) => ({ headers: [...headers, ['Content-Length', length(body)]] }))
const bytesOf = (body: Buffer): Buffer[] => Array.from(body, (_, i) => body.subarray(i, i + 1))
const lastChunk = '0\r\n\r\n'

/** A genuine request whose body has exactly this many bytes. */
function ofLength (vendor: Vendor, length: number): Genuine {
  const request = genuine(vendor, 'x'.repeat(40))
  const missing = 'x'.repeat(length - request.body.length)
  // The length of a form's token varies with its escapes; the first field is not signed.
  if (vendor === 'online-contact') {
    return {
      ...request,
      body: Buffer.concat([Buffer.from('more='), Buffer.from(missing), request.body.subarray(5)])
    }
  }
  return genuine(vendor, 'x'.repeat(40) + missing)
}

const atLimit = (more: number): Case['send'] => (_request, vendor) => [
  written(ofLength(vendor, bodyLimit + more))
]
const chunkedAtLimit = (more: number): Case['send'] => (_request, vendor) =>
  chunked(body => [chunk(body.subarray(0, 1000)), chunk(body.subarray(1000)), lastChunk])(
    ofLength(vendor, bodyLimit + more),
    vendor
  )
const nextOf = (vendor: Vendor): Buffer => written(genuine(vendor))

const cutShort: Case['send'] = (request, vendor) => {
  const { headers, body, ...rest } = open(request)
  return [
    head({ ...rest, headers: [...headers, ['Content-Length', String(body.length - 1)]], body }),
    body.subarray(0, -1),
    100,
    body.subarray(-1),
    nextOf(vendor)
  ]
}

/** Where a body begins and ends. */
export const framingCases: Case[] = [
  one(
    'a length that is too short, before a close: what is left over ends it at once',
    'http 400',
    ofBody,
    lengthOf(body => String(body.length - 1))
  ),
  one('a length of 0 before a body', 'http 400', ofBody, lengthOf(() => '0')),
  one(
    'a length that is too long: the client gives up',
    'http 400',
    ofBody,
    request => [...lengthOf(body => String(body.length + 1))(request, 'contiple'), 20, 'END']
  ),
  ...['-5', '+5', '0x5', '5.0', '5 5', '5,5', '1e1', 'five', '18446744073709551616'].map(length =>
    one(`a length of "${length}"`, 'http 400', ofBody, lengthOf(() => length))
  ),
  one('an empty length', 'http 400', ofBody, lengthOf(() => '')),
  one('a length with zeros before it', 'in', ofBody, lengthOf(body => `000${body.length}`)),
  one(
    'one byte at a time, the head too',
    'in',
    ['contiple', 'oracle-csc'],
    request => bytesOf(written(request)).flatMap(byte => [byte, 0])
  ),
  one(
    'a body of one byte at a time',
    'in',
    ofBody,
    request => [head(request), ...bytesOf(request.body).flatMap(byte => [byte, 1])]
  ),
  one(
    'a slow head and a body at once',
    'in',
    all,
    request => [written(request).subarray(0, 20), 30, written(request).subarray(20)]
  ),
  one(
    'a body that is cut off',
    '',
    ofBody,
    request => [head(request), request.body.subarray(1), 10, 'CUT']
  ),
  one('a head that is cut off', '', all, request => [written(request).subarray(0, 40), 10, 'CUT']),
  one(
    'a client that leaves without hearing the answer',
    '',
    all,
    request => [written(request), 'CUT']
  ),
  one(
    'a client that has said all, and listens on',
    'in',
    all,
    request => [written(request), 'END']
  ),
  one('a body a byte below the limit', 'in', ofBody, atLimit(-1)),
  one('a body of the limit', 'in', ofBody, atLimit(0)),
  one('a body a byte beyond the limit', 'no 413', ofBody, atLimit(1)),
  one('chunks a byte below the limit', 'in', ofBody, chunkedAtLimit(-1)),
  one('chunks of the limit', 'in', ofBody, chunkedAtLimit(0)),
  one('chunks a byte beyond the limit', 'no 413', ofBody, chunkedAtLimit(1)),

  // Chunks
  one(
    'chunks',
    'in',
    ofBody,
    chunked(body => [chunk(body.subarray(0, 5)), chunk(body.subarray(5)), lastChunk])
  ),
  one(
    'chunks of one byte',
    'in',
    ofBody,
    chunked(body => [Buffer.concat(bytesOf(body).map(byte => chunk(byte))), lastChunk])
  ),
  one(
    'a chunk with an extension',
    'in',
    ofBody,
    chunked(
      body => [chunk(body, `${body.length.toString(16)};name=value;other="quoted"`), lastChunk]
    )
  ),
  one(
    'a chunk size in capitals, with zeros',
    'in',
    ofBody,
    chunked(body => [chunk(body, `0000${body.length.toString(16).toUpperCase()}`), lastChunk])
  ),
  one('a trailer', 'in', ofBody, chunked(body => [chunk(body), '0\r\nX-Trailer: x\r\n\r\n'])),
  one(
    'a signature in the trailer',
    'no',
    ['contiple', 'contiple-uri'],
    ({ headers, ...request }) => {
      const signed = headers.splice(headers.findIndex(([name]) => name === 'Authorization'), 2)
      return chunked(
        body => [
          chunk(body),
          `0\r\n${signed.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`
        ],
        ['Trailer', 'Authorization']
      )({ ...request, headers }, 'contiple')
    }
  ),
  ...['zz', '-5', '+5', '0x5', '', ' ', 'fffffffffffffffff'].map(size =>
    one(
      `a chunk size of "${size}"`,
      'http 400',
      ofBody,
      chunked(body => [chunk(body, size), lastChunk])
    )
  ),
  one(
    'a huge chunk that never comes',
    'http 400',
    ofBody,
    chunked(body => [chunk(body, 'fffffff'), 10, 'END'])
  ),
  one('no last chunk', 'http 400', ofBody, chunked(body => [chunk(body), 10, 'END'])),
  one(
    'a chunk that is longer than its size',
    'http 400',
    ofBody,
    chunked(body => [chunk(body, (body.length - 1).toString(16)), lastChunk])
  ),
  one(
    'a bare LF behind a chunk size',
    'http 400',
    ofBody,
    chunked(body => [`${body.length.toString(16)}\n`, body, '\r\n', lastChunk])
  ),

  // Two conflicting lengths: smuggling
  one(
    'a length and chunks',
    'http 400',
    ofBody,
    chunked(body => [chunk(body), lastChunk], ['Content-Length', '5'])
  ),
  one(
    'chunks and a length',
    'http 400',
    ofBody,
    request =>
      chunked(body => [chunk(body), lastChunk])({
        ...request,
        headers: [['Content-Length', '5'], ...request.headers]
      }, 'contiple')
  ),
  ...['identity', 'xchunked', 'chunked, identity', 'gzip', 'chunked;q=1', '"chunked"'].map(coding =>
    one(
      `Transfer-Encoding: ${coding}`,
      'http 400',
      ofBody,
      request => [
        head({ ...request, headers: [...request.headers, ['Transfer-Encoding', coding]] }),
        chunk(request.body),
        lastChunk
      ]
    )
  ),
  one(
    'a blank before the colon of Transfer-Encoding',
    'http 400',
    ofBody,
    headEdited(head => head.replace(/Content-Length: .*/, 'Transfer-Encoding : chunked'))
  ),
  one(
    'a Transfer-Encoding behind a bare LF',
    'http 400',
    ofBody,
    headEdited(head => head.replace('\r\n\r\n', '\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n'))
  ),
  one(
    'a genuine request within the body of a GET',
    'in',
    ['oracle-csc'],
    (request, vendor) => [written({ ...request, body: nextOf(vendor) })]
  ),
  one(
    'a genuine request behind a body that is too long for its length: the connection was to close',
    'http 400',
    ofBody,
    (request, vendor) => [
      head({
        ...request,
        headers: [...request.headers, ['Content-Length', String(request.body.length - 1)]]
      }),
      request.body,
      nextOf(vendor)
    ]
  ),
  one(
    'JSON cut short by its length, with a genuine request behind what is left: nothing more is read',
    'no',
    ['contiple', 'contiple-uri', 'huawei-aicc', 'itx-chat'],
    cutShort
  ),
  one(
    'a form cut short by its length, with a genuine request behind what is left',
    'no, http 400',
    ['online-contact'],
    cutShort
  ),
  one(
    'a genuine request in one packet with one that was to be the last',
    'http 400',
    all,
    (request, vendor) => [Buffer.concat([written(request), nextOf(vendor)])]
  ),

  // Content encodings
  ...['gzip', 'br', 'deflate', 'gzip, identity', 'x-unknown', ''].map(coding =>
    one(`Content-Encoding: ${coding}`, 'no 415', ofBody, withHeaders(['Content-Encoding', coding]))
  )
]
