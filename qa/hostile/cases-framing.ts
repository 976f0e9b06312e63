import {
  all,
  type Case,
  modify,
  sendChunked,
  editHead,
  ofBody,
  createCase,
  keepOpen,
  withHeaders
} from './case.ts'
import { chunk, head, serializeRequest } from './raw.ts'
import { bodyLimit, genuine, type Genuine, type Vendor } from './vendors.ts'

const setLength = (length: (body: Buffer) => string) =>
  modify(({ headers, body }) => ({ headers: [...headers, ['Content-Length', length(body)]] }))
const splitBytes = (body: Buffer): Buffer[] => Array.from(body, (_, i) => body.subarray(i, i + 1))
const lastChunk = '0\r\n\r\n'

/** A genuine request whose body has exactly this many bytes. */
function createRequestOfLength (vendor: Vendor, length: number): Genuine {
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
  serializeRequest(createRequestOfLength(vendor, bodyLimit + more))
]
const chunkedAtLimit = (more: number): Case['send'] => (_request, vendor) =>
  sendChunked(body => [chunk(body.subarray(0, 1000)), chunk(body.subarray(1000)), lastChunk])(
    createRequestOfLength(vendor, bodyLimit + more),
    vendor
  )
const serializeNext = (vendor: Vendor): Buffer => serializeRequest(genuine(vendor))

const cutShort: Case['send'] = (request, vendor) => {
  const { headers, body, ...line } = keepOpen(request)
  return [
    head({ ...line, headers: [...headers, ['Content-Length', String(body.length - 1)]], body }),
    body.subarray(0, -1),
    100,
    body.subarray(-1),
    serializeNext(vendor)
  ]
}

/** Where a body begins and ends. */
export const framingCases: Case[] = [
  createCase(
    'a length that is too short, before a close: what is left over ends it at once',
    'http 400',
    ofBody,
    setLength(body => String(body.length - 1))
  ),
  createCase('a length of 0 before a body', 'http 400', ofBody, setLength(() => '0')),
  createCase(
    'a length that is too long: the client gives up',
    'http 400',
    ofBody,
    request => [...setLength(body => String(body.length + 1))(request, 'contiple'), 20, 'END']
  ),
  ...['-5', '+5', '0x5', '5.0', '5 5', '5,5', '1e1', 'five', '18446744073709551616'].map(length =>
    createCase(`a length of "${length}"`, 'http 400', ofBody, setLength(() => length))
  ),
  createCase('an empty length', 'http 400', ofBody, setLength(() => '')),
  createCase('a length with zeros before it', 'in', ofBody, setLength(body => `000${body.length}`)),
  createCase(
    'one byte at a time, the head too',
    'in',
    ['contiple', 'oracle-csc'],
    request => splitBytes(serializeRequest(request)).flatMap(byte => [byte, 0])
  ),
  createCase(
    'a body of one byte at a time',
    'in',
    ofBody,
    request => [head(request), ...splitBytes(request.body).flatMap(byte => [byte, 1])]
  ),
  createCase(
    'a slow head and a body at once',
    'in',
    all,
    request => [
      serializeRequest(request).subarray(0, 20),
      30,
      serializeRequest(request).subarray(20)
    ]
  ),
  createCase(
    'a body that is cut off',
    '',
    ofBody,
    request => [head(request), request.body.subarray(1), 10, 'CUT']
  ),
  createCase(
    'a head that is cut off',
    '',
    all,
    request => [serializeRequest(request).subarray(0, 40), 10, 'CUT']
  ),
  createCase(
    'a client that leaves without hearing the answer',
    '',
    all,
    request => [serializeRequest(request), 'CUT']
  ),
  createCase(
    'a client that has said all, and listens on',
    'in',
    all,
    request => [serializeRequest(request), 'END']
  ),
  createCase('a body a byte below the limit', 'in', ofBody, atLimit(-1)),
  createCase('a body of the limit', 'in', ofBody, atLimit(0)),
  createCase('a body a byte beyond the limit', 'no 413', ofBody, atLimit(1)),
  createCase('chunks a byte below the limit', 'in', ofBody, chunkedAtLimit(-1)),
  createCase('chunks of the limit', 'in', ofBody, chunkedAtLimit(0)),
  createCase('chunks a byte beyond the limit', 'no 413', ofBody, chunkedAtLimit(1)),

  // Chunks
  createCase(
    'chunks',
    'in',
    ofBody,
    sendChunked(body => [chunk(body.subarray(0, 5)), chunk(body.subarray(5)), lastChunk])
  ),
  createCase(
    'chunks of one byte',
    'in',
    ofBody,
    sendChunked(body => [Buffer.concat(splitBytes(body).map(byte => chunk(byte))), lastChunk])
  ),
  createCase(
    'a chunk with an extension',
    'in',
    ofBody,
    sendChunked(
      body => [chunk(body, `${body.length.toString(16)};name=value;other="quoted"`), lastChunk]
    )
  ),
  createCase(
    'a chunk size in capitals, with zeros',
    'in',
    ofBody,
    sendChunked(body => [chunk(body, `0000${body.length.toString(16).toUpperCase()}`), lastChunk])
  ),
  createCase(
    'a trailer',
    'in',
    ofBody,
    sendChunked(body => [chunk(body), '0\r\nX-Trailer: x\r\n\r\n'])
  ),
  createCase(
    'a signature in the trailer',
    'no',
    ['contiple', 'contiple-uri'],
    ({ headers, ...request }) => {
      const signed = headers.splice(headers.findIndex(([name]) => name === 'Authorization'), 2)
      return sendChunked(
        body => [
          chunk(body),
          `0\r\n${signed.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`
        ],
        ['Trailer', 'Authorization']
      )({ ...request, headers }, 'contiple')
    }
  ),
  ...['zz', '-5', '+5', '0x5', '', ' ', 'fffffffffffffffff'].map(size =>
    createCase(
      `a chunk size of "${size}"`,
      'http 400',
      ofBody,
      sendChunked(body => [chunk(body, size), lastChunk])
    )
  ),
  createCase(
    'a huge chunk that never comes',
    'http 400',
    ofBody,
    sendChunked(body => [chunk(body, 'fffffff'), 10, 'END'])
  ),
  createCase('no last chunk', 'http 400', ofBody, sendChunked(body => [chunk(body), 10, 'END'])),
  createCase(
    'a chunk that is longer than its size',
    'http 400',
    ofBody,
    sendChunked(body => [chunk(body, (body.length - 1).toString(16)), lastChunk])
  ),
  createCase(
    'a bare LF behind a chunk size',
    'http 400',
    ofBody,
    sendChunked(body => [`${body.length.toString(16)}\n`, body, '\r\n', lastChunk])
  ),

  // Two conflicting lengths: smuggling
  createCase(
    'a length and chunks',
    'http 400',
    ofBody,
    sendChunked(body => [chunk(body), lastChunk], ['Content-Length', '5'])
  ),
  createCase(
    'chunks and a length',
    'http 400',
    ofBody,
    request =>
      sendChunked(body => [chunk(body), lastChunk])({
        ...request,
        headers: [['Content-Length', '5'], ...request.headers]
      }, 'contiple')
  ),
  ...['identity', 'xchunked', 'chunked, identity', 'gzip', 'chunked;q=1', '"chunked"'].map(coding =>
    createCase(
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
  createCase(
    'a blank before the colon of Transfer-Encoding',
    'http 400',
    ofBody,
    editHead(head => head.replace(/Content-Length: .*/, 'Transfer-Encoding : chunked'))
  ),
  createCase(
    'a Transfer-Encoding behind a bare LF',
    'http 400',
    ofBody,
    editHead(head => head.replace('\r\n\r\n', '\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n'))
  ),
  createCase(
    'a genuine request within the body of a GET',
    'in',
    ['oracle-csc'],
    (request, vendor) => [serializeRequest({ ...request, body: serializeNext(vendor) })]
  ),
  createCase(
    'a genuine request behind a body that is too long for its length: the connection was to close',
    'http 400',
    ofBody,
    (request, vendor) => [
      head({
        ...request,
        headers: [...request.headers, ['Content-Length', String(request.body.length - 1)]]
      }),
      request.body,
      serializeNext(vendor)
    ]
  ),
  createCase(
    'JSON cut short by its length, with a genuine request behind what is left: nothing more is read',
    'no',
    ['contiple', 'contiple-uri', 'huawei-aicc', 'itx-chat'],
    cutShort
  ),
  createCase(
    'a form cut short by its length, with a genuine request behind what is left',
    'no, http 400',
    ['online-contact'],
    cutShort
  ),
  createCase(
    'a genuine request in one packet with one that was to be the last',
    'http 400',
    all,
    (request, vendor) => [Buffer.concat([serializeRequest(request), serializeNext(vendor)])]
  ),

  // Content encodings
  ...['gzip', 'br', 'deflate', 'gzip, identity', 'x-unknown', ''].map(coding =>
    createCase(
      `Content-Encoding: ${coding}`,
      'no 415',
      ofBody,
      withHeaders(['Content-Encoding', coding])
    )
  )
]
