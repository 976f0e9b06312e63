import {
  type ContipleFault,
  checkErrorShape,
  changeHeaders,
  createLookup,
  minute,
  createQuery,
  createUnknownQuery,
  extendQuery,
  repeatRequest
} from './bench.ts'
import { isObject, parseObject } from '../shared/wire.ts'

/** Genuine requests, including those altered by the network. */
export const faultsToAccept: ContipleFault[] = [
  {
    name: 'genuine',
    title: 'a genuine request',
    expected: 'accept',
    why: 'If this fails, the other results mean nothing.',
    requests: bench => [createLookup(bench)],
    complaint: ({ status, text }) =>
      status === 200 && !isObject(parseObject(text)?.['data'])
        ? 'The answer must be {"data":{…}} with the result fields.'
        : undefined
  },
  {
    name: 'reordered-fields',
    title: 'the fields in another order, signed in that order',
    expected: 'accept',
    why: 'The administrator chooses the fields. The signature covers the bytes as sent.',
    contentMayBeRefused: true,
    requests:
      bench => [createLookup(bench, { body: `{"nation":"korea",${createQuery(bench).slice(1)}` })]
  },
  {
    name: 'white-space',
    title: 'white space between JSON tokens',
    expected: 'accept',
    why: 'Parsing and serializing the body again loses that white space.',
    requests: bench => [
      createLookup(bench, {
        body: `{ ${JSON.stringify(bench.field)} : ${JSON.stringify(bench.caller)} }\r\n`
      })
    ]
  },
  {
    name: 'escapes',
    title: 'characters written as \\u escapes',
    expected: 'accept',
    why: 'JSON has many spellings for one text. Only the raw body has the signed one.',
    requests: bench => [
      createLookup(bench, {
        body: `{${JSON.stringify(bench.field)}:"${
          Array.from(
            bench.caller,
            unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
          ).join('')
        }"}`
      })
    ]
  },
  {
    name: 'long-number',
    title: 'a number of 19 digits',
    expected: 'accept',
    why: 'A double loses the last digits, so the serialized body has another signature.',
    contentMayBeRefused: true,
    requests:
      bench => [createLookup(bench, { body: extendQuery(bench, '"ticketId":1197765398201387013') })]
  },
  {
    name: 'number-spelling',
    title: 'the numbers 1.0 and 1e3',
    expected: 'accept',
    why: 'JavaScript would write 1 and 1000.',
    contentMayBeRefused: true,
    requests:
      bench => [createLookup(bench, { body: extendQuery(bench, '"score":1.0,"limit":1e3') })]
  },
  {
    name: 'null',
    title: 'a field that is null',
    expected: 'accept',
    why: 'Dropping the field from a serialized body changes the signature.',
    contentMayBeRefused: true,
    requests: bench => [createLookup(bench, { body: createQuery(bench, { nation: null }) })]
  },
  {
    name: 'spaces',
    title: 'spaces inside a value',
    expected: 'accept',
    why: 'Values are signed unchanged, never trimmed or folded.',
    contentMayBeRefused: true,
    requests:
      bench => [createLookup(bench, { body: createQuery(bench, { nation: '  South  Korea ' }) })]
  },
  {
    name: 'non-ascii',
    title: 'Korean, accents and an emoji',
    expected: 'accept',
    why:
      'The signature covers the bytes. A service that does not decode them as UTF-8, or counts characters, fails here.',
    contentMayBeRefused: true,
    requests:
      bench => [createLookup(bench, { body: createQuery(bench, { nation: '대한민국 é 😀' }) })]
  },
  {
    name: 'dollar-signs',
    title: 'a value that contains $& and $1',
    expected: 'accept',
    why: 'A service that builds the signed text with a string replace expands these patterns.',
    contentMayBeRefused: true,
    requests: bench => [createLookup(bench, { body: createQuery(bench, { nation: '$& $1 $$' }) })]
  },
  {
    name: 'clock-behind',
    title: 'signed four and a half minutes ago',
    expected: 'accept',
    why: "Contiple's window is five minutes, and clocks differ.",
    requests: bench => [createLookup(bench, { timestamp: String(bench.now() - 4.5 * minute) })]
  },
  {
    name: 'clock-ahead',
    title: 'signed four and a half minutes from now',
    expected: 'accept',
    why: 'The window has two sides. A sender with a fast clock is still genuine.',
    requests: bench => [createLookup(bench, { timestamp: String(bench.now() + 4.5 * minute) })]
  },
  {
    name: 'header-case',
    title: 'header names in lower case',
    expected: 'accept',
    why: 'Header names are case-insensitive, and proxies change the case.',
    requests: bench => [
      changeHeaders(
        createLookup(bench),
        headers => headers.map(([name, value]) => [name.toLowerCase(), value] as const)
      )
    ]
  },
  {
    name: 'slow-body',
    title: 'a body that arrives in pieces',
    expected: 'accept',
    why: 'Networks split bodies. The raw body is all pieces together.',
    requests: bench => [{ ...createLookup(bench), pauseMs: 100 }]
  },
  {
    name: 'out-of-order',
    title: 'a request signed before the previous one',
    expected: 'accept',
    why: 'Two agents open tickets at once, and the network may change the order.',
    requests: bench => [createLookup(bench), createLookup(bench)].reverse()
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke during the body',
    expected: 'accept',
    why: 'An unfinished request must not crash the service.',
    requests: bench => [{ ...createLookup(bench), cut: true }, createLookup(bench)]
  },
  {
    name: 'duplicate-delivery',
    title: 'the same request twice',
    expected: 'either',
    why: 'A look-up changes nothing, so the service may answer again or refuse the replay.',
    requests: bench => repeatRequest(createLookup(bench))
  },
  {
    name: 'unknown-caller',
    title: 'an unknown number',
    expected: 'refuse',
    why: 'Contiple shows "no result found" for 400, and an error for other statuses.',
    requests: bench => [createLookup(bench, { body: createUnknownQuery(bench) })],
    complaint: ({ status, text }) =>
      status !== 400 ? 'The status must be 400.' : checkErrorShape(text)
  }
]
