import { createScheme } from 'fastify-contact-center/contiple'
import { hmacSha256 } from 'fastify-contact-center/kit'
import { explainAnswer } from '../shared/explain-answer.ts'
import type { Fault, Got, Suite } from '../shared/faults.ts'
import { jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'

/** A customer information API and what the lab may know about it. */
export interface ContipleBench {
  readonly url: string
  readonly key: string
  /** A key that counted once. */
  readonly oldKey?: string
  /** The number of a customer whom the service knows. */
  readonly caller: string
  /** Epoch milliseconds, never the same twice: a time that repeats would make a replay. */
  readonly now: () => number
}

type ContipleFault = Fault<ContipleBench>

// Explains also what our rules would refuse.
const scheme = createScheme({ strict: false })
const minute = 60_000
const window = { pastMs: 5 * minute, futureMs: 5 * minute }
const otherKey = 'a-key-that-nobody-gave-you'
/** Nobody has it: for what a forger would ask about. */
const nobody = '+10000000000'

interface Signing {
  body?: string | Uint8Array
  timestamp?: string
  key?: string
  /** What was signed, where that is not what is sent. */
  signed?: { body?: string, timestamp?: string }
}

/** The genuine request, or one that differs in what is given. By hand: the scheme refuses what is not text, and the lab sends that too. */
function lookup (bench: ContipleBench, { body = query(bench), timestamp = String(bench.now()), key = bench.key, signed = {} }: Signing = {}): WireRequest {
  const message = Buffer.concat([Buffer.from(signed.body ?? body), Buffer.from(signed.timestamp ?? timestamp)])
  return jsonPost(bench.url, body, [['Authorization', hmacSha256(key, message).toString('base64')], ['X-TC-Timestamp', timestamp]])
}

function query ({ caller }: ContipleBench, more: object = {}): string {
  return JSON.stringify({ callNum: caller, ...more })
}

/** The query with more JSON text at its end. */
function queryWith (bench: ContipleBench, json: string): string {
  return `${query(bench).slice(0, -1)},${json}}`
}

function headersOf (request: WireRequest, change: (headers: WireRequest['headers']) => WireRequest['headers']): WireRequest {
  return { ...request, headers: change(request.headers) }
}

function authorization (request: WireRequest, write: (signature: string) => string): WireRequest {
  return headersOf(request, headers => headers.map(([name, value]) => [name, name === 'Authorization' ? write(value) : value] as const))
}

function without (name: string, request: WireRequest): WireRequest {
  return headersOf(request, headers => headers.filter(([one]) => one !== name))
}

const accepted: ContipleFault[] = [
  {
    name: 'genuine',
    title: 'what Contiple sends',
    expected: 'accept',
    why: 'Nothing else is worth looking at before this works.',
    requests: bench => [lookup(bench)],
    complaint: ({ status, text }) => status === 200 && !isObject(objectIn(text)?.['data']) ? 'The answer must be {"data":{…}} with the result fields.' : undefined
  },
  {
    name: 'reordered-fields',
    title: 'the fields in another order, signed so',
    expected: 'accept',
    why: 'The administrator chooses the fields; the bytes that came are what is signed.',
    contentMayBeRefused: true,
    requests: bench => [lookup(bench, { body: `{"nation":"korea","callNum":${JSON.stringify(bench.caller)}}` })]
  },
  {
    name: 'white-space',
    title: 'white space between the JSON\'s parts',
    expected: 'accept',
    why: 'A body that is parsed and written again before it is checked loses it.',
    requests: bench => [lookup(bench, { body: `{ "callNum" : ${JSON.stringify(bench.caller)} }\r\n` })]
  },
  {
    name: 'escapes',
    title: 'characters written as \\u escapes',
    expected: 'accept',
    why: 'JSON has many spellings for one text; only the raw body keeps the one that was signed.',
    requests: bench => [lookup(bench, { body: `{"callNum":"${Array.from(bench.caller, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}` })]
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
    why: 'The bytes are signed: a service that decodes them otherwise than as UTF-8, or counts characters, fails here.',
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
    why: 'Contiple\'s window is five minutes, and clocks differ.',
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
    requests: bench => [headersOf(lookup(bench), headers => headers.map(([name, value]) => [name.toLowerCase(), value] as const))]
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
    requests: bench => [lookup(bench, { timestamp: String(bench.now() + 10) }), lookup(bench, { timestamp: String(bench.now() - 10) })]
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
    why: 'A look-up changes nothing, so it may be answered again; it may also be refused as a replay.',
    requests: bench => twice(lookup(bench))
  },
  {
    name: 'unknown-caller',
    title: 'a number that nobody has',
    expected: 'refuse',
    why: 'Contiple shows "no result found" for 400 and an error for anything else.',
    requests: bench => [lookup(bench, { body: JSON.stringify({ callNum: nobody }) })],
    complaint: ({ status, text }) => status !== 400 ? 'The status must be 400.' : errorComplaint(text)
  }
]

const refused: ContipleFault[] = [
  {
    name: 'wrong-key',
    title: 'signed with another key',
    expected: 'refuse',
    why: 'That is what a forger can do.',
    requests: bench => [lookup(bench, { key: otherKey })]
  },
  {
    name: 'refusal-shape',
    title: 'how a wrong signature is answered',
    expected: 'refuse',
    why: 'Contiple\'s agent is told "access denied" for 403, and for nothing else.',
    requests: bench => [lookup(bench, { key: otherKey })],
    complaint: ({ status, text }) => status !== 403 ? 'The status must be 403.' : errorComplaint(text)
  },
  {
    name: 'old-key',
    title: 'signed with the key of before',
    expected: 'refuse',
    why: 'A key that was replaced because it leaked is the forger\'s.',
    lacks: ({ oldKey }) => oldKey === undefined ? 'no old key is set' : undefined,
    requests: bench => [lookup(bench, { key: bench.oldKey ?? otherKey })]
  },
  {
    name: 'stale-clock',
    title: 'signed six minutes ago',
    expected: 'refuse',
    why: 'Who records a request must not be able to use it for ever.',
    requests: bench => [lookup(bench, { timestamp: String(bench.now() - 6 * minute) })]
  },
  {
    name: 'future-clock',
    title: 'signed six minutes from now',
    expected: 'refuse',
    why: 'A window with one side lets a recorded request of the far future live as long.',
    requests: bench => [lookup(bench, { timestamp: String(bench.now() + 6 * minute) })]
  },
  {
    name: 'seconds',
    title: 'the time in seconds',
    expected: 'refuse',
    why: 'Contiple sends milliseconds; seconds are a time in 1970.',
    requests: bench => [lookup(bench, { timestamp: String(Math.floor(bench.now() / 1000)) })]
  },
  {
    name: 'tampered-time',
    title: 'an old signature under a fresh time',
    expected: 'refuse',
    why: 'The time must be part of what is signed, or the window is worth nothing.',
    requests: bench => [lookup(bench, { signed: { timestamp: String(bench.now() - 60 * minute) } })]
  },
  {
    name: 'tampered-field',
    title: 'the number changed after signing',
    expected: 'refuse',
    why: 'Otherwise one recorded request asks about every customer.',
    requests: bench => [lookup(bench, { signed: { body: JSON.stringify({ callNum: nobody }) } })]
  },
  {
    name: 'rewritten-body',
    title: 'the same JSON, written otherwise after signing',
    expected: 'refuse',
    why: 'The raw body is signed; who accepts this checks what was written again instead of what came.',
    requests: bench => [lookup(bench, { body: ` ${query(bench)}`, signed: { body: query(bench) } })]
  },
  {
    name: 'reordered-after-signing',
    title: 'the fields in another order than signed',
    expected: 'refuse',
    why: 'Nobody but a service that sorts them itself could take that for the same.',
    requests: bench => [lookup(bench, { body: `{"nation":"korea","callNum":${JSON.stringify(bench.caller)}}`, signed: { body: query(bench, { nation: 'korea' }) } })]
  },
  {
    name: 'signature-of-nothing',
    title: 'the signature of an empty body',
    expected: 'refuse',
    why: 'A service that signs "nothing" where it has no raw body lets one such signature open every request.',
    requests: bench => [lookup(bench, { signed: { body: '' } })]
  },
  {
    name: 'other-content-type',
    title: 'the signature of an empty body, on text/plain',
    expected: 'refuse',
    why: 'The raw body is often kept for JSON alone, and checked as empty for everything else.',
    requests: bench => [headersOf(lookup(bench, { signed: { body: '' } }), headers => headers.map(([name, value]) => [name, name === 'Content-Type' ? 'text/plain' : value] as const))]
  },
  { name: 'no-signature', title: 'no Authorization', expected: 'refuse', why: 'Not signed is not signed.', requests: bench => [without('Authorization', lookup(bench))] },
  { name: 'empty-signature', title: 'an empty Authorization', expected: 'refuse', why: 'An empty text must not pass for a signature, nor bring the service down.', requests: bench => [authorization(lookup(bench), () => '')] },
  { name: 'no-time', title: 'no X-TC-Timestamp', expected: 'refuse', why: 'Without a time there is no window.', requests: bench => [without('X-TC-Timestamp', lookup(bench, { signed: { timestamp: '' } }))] },
  { name: 'short-signature', title: 'a signature of another length', expected: 'refuse', why: 'Comparing in constant time throws on unequal lengths in many languages: a failure on demand.', requests: bench => [authorization(lookup(bench), text => text.slice(0, 20))] },
  { name: 'odd-characters', title: 'a signature with an accent in it, as long as a right one', expected: 'refuse', why: 'As many characters, but not as many bytes: the comparison throws.', requests: bench => [authorization(lookup(bench), text => `é${text.slice(1)}`)] },
  {
    name: 'two-signatures',
    title: 'two Authorization headers, the first one right',
    expected: 'refuse',
    why: 'A proxy before the service may have looked at the other one.',
    requests: bench => [headersOf(lookup(bench), headers => [...headers, ['Authorization', 'AAAA']])]
  },
  {
    name: 'two-times',
    title: 'two X-TC-Timestamp headers',
    expected: 'refuse',
    why: 'The signed one and the one that is held against the clock must be one.',
    requests: bench => [headersOf(lookup(bench, { timestamp: String(bench.now() - 60 * minute) }), headers => [...headers, ['X-TC-Timestamp', String(bench.now())]])]
  },
  { name: 'not-json', title: 'a signed body that is no JSON', expected: 'refuse', why: 'It comes from Contiple, but a failure of the service is the wrong word for it.', requests: bench => [lookup(bench, { body: '{"callNum":' })] },
  { name: 'not-utf8', title: 'a signed body that is not UTF-8', expected: 'either', why: 'Refusing is safer; failing is wrong.', contentMayBeRefused: true, requests: bench => [lookup(bench, { body: Buffer.concat([Buffer.from('{"callNum":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]) })] },
  {
    name: 'genuine-at-the-end',
    title: 'what Contiple sends, once more',
    expected: 'accept',
    why: 'After all that, the service must still be there.',
    requests: bench => [lookup(bench)]
  }
]

function twice (request: WireRequest): WireRequest[] {
  return [request, request]
}

function errorComplaint (text: string): string | undefined {
  const error = objectIn(text)?.['error']
  return isObject(error) && ['code', 'message', 'detail'].every(name => name in error) ? undefined : 'The answer must be {"error":{"code":…,"message":"…","detail":…}}.'
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const contipleSuite: Suite<ContipleBench> = {
  vendor: 'contiple',
  faults: [...accepted, ...refused],
  read,
  async explain (bench, sent, got) {
    return await explainAnswer({
      scheme,
      key: bench.key,
      otherKeys: [{ id: 'another key', secret: otherKey }, ...bench.oldKey === undefined ? [] : [{ id: 'the old key', secret: bench.oldKey }]],
      now: bench.now(),
      window,
      resign: (request, signature) => authorization(request, () => signature),
      isAccepted: answer => answer.status === 200
    }, sent, got)
  }
}

/** 400 means "no result found" to Contiple: the signature was right. */
function read ({ status }: WireAnswer, { contentMayBeRefused }: ContipleFault): Got {
  if (status === null) return 'no answer'
  if (status === 200 || (status === 400 && contentMayBeRefused === true)) return 'accepted'
  return status >= 400 && status < 500 ? 'refused' : 'failed'
}
