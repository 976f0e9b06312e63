import {
  type ContipleFault,
  errorComplaint,
  headersOf,
  lookup,
  minute,
  query,
  queryOfNobody,
  queryWith,
  twice
} from './bench.ts'
import { isObject, objectIn } from '../shared/wire.ts'

/** What comes from Contiple, and what may be the network's doing. */
export const accepted: ContipleFault[] = [
  {
    name: 'genuine',
    title: 'what Contiple sends',
    expected: 'accept',
    why: 'Nothing else is worth looking at before this works.',
    requests: bench => [lookup(bench)],
    complaint: ({ status, text }) =>
      status === 200 && !isObject(objectIn(text)?.['data'])
        ? 'The answer must be {"data":{…}} with the result fields.'
        : undefined
  },
  {
    name: 'reordered-fields',
    title: 'the fields in another order, signed so',
    expected: 'accept',
    why: 'The administrator chooses the fields; the bytes that came are what is signed.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: `{"nation":"korea",${query(bench).slice(1)}` })]
  },
  {
    name: 'white-space',
    title: "white space between the JSON's parts",
    expected: 'accept',
    why: 'A body that is parsed and written again before it is checked loses it.',
    requests: bench => [
      lookup(bench, {
        body: `{ ${JSON.stringify(bench.field)} : ${JSON.stringify(bench.caller)} }\r\n`
      })
    ]
  },
  {
    name: 'escapes',
    title: 'characters written as \\u escapes',
    expected: 'accept',
    why: 'JSON has many spellings for one text; only the raw body keeps the one that was signed.',
    requests: bench => [
      lookup(bench, {
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
    why: 'A double loses its last digits, so a body that was written again has another signature.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: queryWith(bench, '"ticketId":1197765398201387013') })]
  },
  {
    name: 'number-spelling',
    title: '1.0 and 1e3 for numbers',
    expected: 'accept',
    why: 'JavaScript writes them as 1 and 1000.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: queryWith(bench, '"score":1.0,"limit":1e3') })]
  },
  {
    name: 'null',
    title: 'a field that is null',
    expected: 'accept',
    why: 'A field left out when the body is written again changes the signature.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: query(bench, { nation: null }) })]
  },
  {
    name: 'spaces',
    title: 'spaces inside a value',
    expected: 'accept',
    why: 'Values are signed as they are, never trimmed or folded.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: query(bench, { nation: '  South  Korea ' }) })]
  },
  {
    name: 'non-ascii',
    title: 'Korean, accents and an emoji',
    expected: 'accept',
    why:
      'The bytes are signed: a service that decodes them otherwise than as UTF-8, or counts characters, fails here.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: query(bench, { nation: '대한민국 é 😀' }) })]
  },
  {
    name: 'dollar-signs',
    title: 'a value with $& and $1 in it',
    expected: 'accept',
    why: 'Replacement patterns spoil a signed text that is put together with a string replace.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: query(bench, { nation: '$& $1 $$' }) })]
  },
  {
    name: 'clock-behind',
    title: 'signed four and a half minutes ago',
    expected: 'accept',
    why: "Contiple's window is five minutes, and clocks differ.",
    requests: bench => [lookup(bench, { timestamp: String(bench.now() - 4.5 * minute) })]
  },
  {
    name: 'clock-ahead',
    title: 'signed four and a half minutes from now',
    expected: 'accept',
    why: 'The window has two sides: a sender whose clock is ahead is no forger.',
    requests: bench => [lookup(bench, { timestamp: String(bench.now() + 4.5 * minute) })]
  },
  {
    name: 'header-case',
    title: 'header names in lower case',
    expected: 'accept',
    why: 'Header names have no case, and proxies change it.',
    requests: bench => [
      headersOf(
        lookup(bench),
        headers => headers.map(([name, value]) => [name.toLowerCase(), value] as const)
      )
    ]
  },
  {
    name: 'slow-body',
    title: 'a body that comes in pieces',
    expected: 'accept',
    why: 'Networks do that; the raw body is all of its pieces.',
    requests: bench => [{ ...lookup(bench), pauseMs: 100 }]
  },
  {
    name: 'out-of-order',
    title: 'one signed before the one that came before it',
    expected: 'accept',
    why: 'Two agents open tickets at once, and the network keeps no order.',
    requests: bench => [lookup(bench), lookup(bench)].reverse()
  },
  {
    name: 'after-cut-connection',
    title: 'the next one after a connection that was cut in the body',
    expected: 'accept',
    why: 'A request that never ended must not take the service down.',
    requests: bench => [{ ...lookup(bench), cut: true }, lookup(bench)]
  },
  {
    name: 'duplicate-delivery',
    title: 'the same request twice',
    expected: 'either',
    why:
      'A look-up changes nothing, so it may be answered again; it may also be refused as a replay.',
    requests: bench => twice(lookup(bench))
  },
  {
    name: 'unknown-caller',
    title: 'a number that nobody has',
    expected: 'refuse',
    why: 'Contiple shows "no result found" for 400 and an error for anything else.',
    requests: bench => [lookup(bench, { body: queryOfNobody(bench) })],
    complaint: ({ status, text }) =>
      status !== 400 ? 'The status must be 400.' : errorComplaint(text)
  }
]
