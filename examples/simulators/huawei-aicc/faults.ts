import { randomBytes } from 'node:crypto'
import { createScheme } from 'fastify-contact-center/huawei-aicc'
import { explainAnswer } from '../shared/explain-answer.ts'
import type { Expected, Fault, Got, Suite } from '../shared/faults.ts'
import { jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'

/** A service that is called back, and what the lab may know about it. */
export interface HuaweiAiccBench {
  /** Where the signed release callback goes. */
  readonly url: string
  readonly secret: string
  /** A secret that counted once. */
  readonly oldSecret?: string
  /** Where the unsigned connection callback goes. */
  readonly connectedUrl?: string
  /** What the service does with a callback that comes twice. Default: either. */
  readonly duplicates?: Expected
  /** Epoch milliseconds. */
  readonly now: () => number
}

type AiccFault = Fault<HuaweiAiccBench>

// The lab signs whatever it wants to send, as the vendor's code would.
const scheme = createScheme({ strict: false })
const minute = 60_000
const window = { pastMs: 5 * minute, futureMs: 5 * minute }
const otherSecret = 'a-secret-that-nobody-gave-you'

interface Signing { params?: string, timestamp?: string, nonce?: string, secret?: string }

/** The genuine callback, or one that differs in what is given. `params` is JSON text, so that every digit of it is sent. */
function released (bench: HuaweiAiccBench, { params = release(), timestamp = String(bench.now()), nonce = newNonce(), secret = bench.secret }: Signing = {}): WireRequest {
  return sealed(bench, params, { timestamp, nonce, signature: scheme.sign({ params, timestamp, nonce }, secret) })
}

function sealed ({ url }: HuaweiAiccBench, params: string, parts: object): WireRequest {
  return jsonPost(url, `${params.trimEnd().slice(0, -1)},${JSON.stringify(parts).slice(1)}`)
}

/** Sends other parameters than those that were signed. */
function tampered (bench: HuaweiAiccBench, sent: string, signed = release()): WireRequest {
  const timestamp = String(bench.now())
  const nonce = newNonce()
  return sealed(bench, sent, { timestamp, nonce, signature: scheme.sign({ params: signed, timestamp, nonce }, bench.secret) })
}

/** Signs as usual and sends other timestamp, nonce or signature; undefined leaves one out. */
function withParts (bench: HuaweiAiccBench, change: (parts: { timestamp: string, nonce: string, signature: string }) => object): WireRequest {
  const params = release()
  const timestamp = String(bench.now())
  const nonce = newNonce()
  return sealed(bench, params, change({ timestamp, nonce, signature: scheme.sign({ params, timestamp, nonce }, bench.secret) }))
}

const call = '1197765398201387013'

function release (more: object = {}): string {
  return JSON.stringify({
    callSerialNo: call, serviceNo: '', called: '88880067', caller: '70001', callData: null, talkDuration: '12', releaseReason: '0', ...more
  })
}

function newNonce (): string {
  return randomBytes(16).toString('hex')
}

const accepted: AiccFault[] = [
  {
    name: 'genuine',
    title: 'what Huawei sends',
    expected: 'accept',
    why: 'Nothing else is worth looking at before this works.',
    requests: bench => [released(bench)],
    complaint: ({ status, text }) => status !== 200 || isSuccess(text) ? undefined : 'The answer must be {"retCode":"0","retMsg":"success"}, both as strings.'
  },
  {
    name: 'reordered-fields',
    title: 'the fields in another order',
    expected: 'accept',
    why: 'The order on the wire is not signed: names are sorted.',
    requests: bench => [released(bench, { params: `{"releaseReason":"0","called":"88880067","serviceNo":"","callSerialNo":"${call}"}` })]
  },
  {
    name: 'white-space',
    title: 'white space between the JSON\'s parts',
    expected: 'accept',
    why: 'Parameters are signed, not the body.',
    requests: bench => [released(bench, { params: `{ "callSerialNo" : "${call}",\r\n "serviceNo" : "" , "called" : "88880067" }` })]
  },
  {
    name: 'new-field',
    title: 'a field that is not documented',
    expected: 'accept',
    why: 'The vendor may add fields, and signs them: who signs known ones alone breaks that day.',
    requests: bench => [released(bench, { params: release({ queueName: 'sales' }) })]
  },
  {
    name: 'sorted-by-code-unit',
    title: 'names in capitals, and with an accent',
    expected: 'accept',
    why: 'Names are sorted by code unit, as Java does: a sort by locale puts them elsewhere.',
    requests: bench => [released(bench, { params: release({ Zone: 'a', alpha: 'b', été: 'c', _x: 'd' }) })]
  },
  {
    name: 'long-number',
    title: 'a serial number of 19 digits, as a number',
    expected: 'accept',
    why: 'A double loses its last digits, and with them the call and the signature.',
    requests: bench => [released(bench, { params: release().replace(`"${call}"`, call) })]
  },
  { name: 'null', title: 'a field that is null', expected: 'accept', why: 'Null is signed as the word null.', requests: bench => [released(bench, { params: release({ callData: null, recordfile: null }) })] },
  { name: 'empty', title: 'fields that are empty', expected: 'accept', why: 'An empty field is signed as "name=", never left out.', requests: bench => [released(bench, { params: release({ serviceNo: '', callData: '' }) })] },
  { name: 'spaces', title: 'spaces inside a value', expected: 'accept', why: 'Every space is taken out of the signed parameters, inside of values too.', requests: bench => [released(bench, { params: release({ callData: ' order  7 of today ' }) })] },
  { name: 'tabs', title: 'a tab inside a value', expected: 'accept', why: 'Only U+0020 is taken out: who strips all white space signs another text.', requests: bench => [released(bench, { params: release({ callData: 'order\t7' }) })] },
  { name: 'non-ascii', title: 'Korean, accents and an emoji', expected: 'accept', why: 'The signed text is UTF-8.', requests: bench => [released(bench, { params: release({ callData: '주문 é 😀' }) })] },
  { name: 'dollar-signs', title: 'a value with $& and $1 in it', expected: 'accept', why: 'Replacement patterns spoil a signed text that is put together with a string replace.', requests: bench => [released(bench, { params: release({ callData: '$& $1 $$' }) })] },
  { name: 'plus-and-percent', title: 'a value with + and %2B in it', expected: 'accept', why: 'JSON values are never URL-decoded.', requests: bench => [released(bench, { params: release({ callData: '1+1%2B1' }) })] },
  { name: 'clock-behind', title: 'signed four and a half minutes ago', expected: 'accept', why: 'Clocks differ; five minutes to each side are usual.', requests: bench => [released(bench, { timestamp: String(bench.now() - 4.5 * minute) })] },
  { name: 'clock-ahead', title: 'signed four and a half minutes from now', expected: 'accept', why: 'The window has two sides: a sender whose clock is ahead is no forger.', requests: bench => [released(bench, { timestamp: String(bench.now() + 4.5 * minute) })] },
  { name: 'slow-body', title: 'a body that comes in pieces', expected: 'accept', why: 'Networks do that.', requests: bench => [{ ...released(bench), pauseMs: 100 }] },
  { name: 'out-of-order', title: 'one signed before the one that came before it', expected: 'accept', why: 'Calls end at once, and the network keeps no order.', requests: bench => [released(bench), released(bench, { timestamp: String(bench.now() - 1000) })] },
  { name: 'after-cut-connection', title: 'the next one after a connection that was cut in the body', expected: 'accept', why: 'A request that never ended must not take the service down.', requests: bench => [{ ...released(bench), cut: true }, released(bench)] },
  {
    name: 'sent-again',
    title: 'a callback about the same call, signed anew',
    expected: 'accept',
    why: 'The vendor tries again what it thinks was lost: the answer is the same as before.',
    requests: bench => [released(bench), released(bench)]
  },
  {
    name: 'duplicate-delivery',
    title: 'the same callback twice, to the byte',
    expected: ({ duplicates = 'either' }) => duplicates,
    why: 'A retry or a replay: it may be refused, or answered as before where taking it again changes nothing.',
    requests: (bench) => {
      const request = released(bench)
      return [request, request]
    }
  },
  { name: 'spaces-changed', title: 'spaces taken away after signing', expected: 'either', why: 'The vendor\'s signature does not cover spaces, so nobody can tell.', requests: bench => [tampered(bench, release({ callData: 'order7' }), release({ callData: 'order 7' }))] },
  { name: 'form', title: 'a form instead of JSON', expected: 'either', why: 'The vendor documents no content type; JSON is what is usual.', requests: bench => [asForm(released(bench))] },
  { name: 'number-time', title: 'the timestamp as a number', expected: 'either', why: 'Every field is documented as text.', requests: bench => [withParts(bench, parts => ({ ...parts, timestamp: Number(parts.timestamp) }))] }
]

const refused: AiccFault[] = [
  { name: 'wrong-key', title: 'signed with another secret', expected: 'refuse', why: 'That is what a forger can do.', requests: bench => [released(bench, { secret: otherSecret })] },
  {
    name: 'old-key',
    title: 'signed with the secret of before',
    expected: 'refuse',
    why: 'A secret that was replaced because it leaked is the forger\'s.',
    lacks: ({ oldSecret }) => oldSecret === undefined ? 'no old secret is set' : undefined,
    requests: bench => [released(bench, { secret: bench.oldSecret ?? otherSecret })]
  },
  { name: 'stale-clock', title: 'signed six minutes ago', expected: 'refuse', why: 'Who records a callback must not be able to use it for ever.', requests: bench => [released(bench, { timestamp: String(bench.now() - 6 * minute) })] },
  { name: 'future-clock', title: 'signed six minutes from now', expected: 'refuse', why: 'A window with one side lets a recorded callback of the far future live as long, past the memory for nonces.', requests: bench => [released(bench, { timestamp: String(bench.now() + 6 * minute) })] },
  { name: 'tampered-field', title: 'the reason changed after signing', expected: 'refuse', why: 'That is what a signature is for.', requests: bench => [tampered(bench, release({ releaseReason: '5' }))] },
  { name: 'tampered-call', title: 'the serial number\'s last digit changed after signing', expected: 'refuse', why: 'Who reads it as a double does not see the difference, and ends another call.', requests: bench => [tampered(bench, release().replace(`"${call}"`, call.replace(/3$/, '4')), release().replace(`"${call}"`, call))] },
  { name: 'added-field', title: 'a field added after signing', expected: 'refuse', why: 'Every parameter is signed.', requests: bench => [tampered(bench, release({ recordfile: 'Y:/1/0/other.V3' }))] },
  { name: 'removed-field', title: 'a field removed after signing', expected: 'refuse', why: 'Every parameter is signed.', requests: bench => [tampered(bench, release(), release({ recordfile: 'Y:/1/0/this.V3' }))] },
  { name: 'tampered-time', title: 'a fresh time over an old signature', expected: 'refuse', why: 'The time must be part of what is signed, or the window is worth nothing.', requests: bench => [withParts(bench, parts => ({ ...parts, timestamp: String(Number(parts.timestamp) + 1) }))] },
  { name: 'tampered-nonce', title: 'a fresh nonce over an old signature', expected: 'refuse', why: 'Otherwise a recorded callback is new each time.', requests: bench => [withParts(bench, parts => ({ ...parts, nonce: newNonce() }))] },
  { name: 'unsigned', title: 'no timestamp, nonce and signature', expected: 'refuse', why: 'Huawei sends this where the address is set on its page: the shared key must be asked for.', requests: bench => [jsonPost(bench.url, release())] },
  { name: 'no-signature', title: 'no signature', expected: 'refuse', why: 'Not signed is not signed.', requests: bench => [withParts(bench, ({ signature, ...parts }) => parts)] },
  { name: 'empty-signature', title: 'an empty signature', expected: 'refuse', why: 'An empty text must not pass for a signature, nor bring the service down.', requests: bench => [withParts(bench, parts => ({ ...parts, signature: '' }))] },
  { name: 'null-signature', title: 'null for a signature', expected: 'refuse', why: 'Null must not pass for a signature, nor bring the service down.', requests: bench => [withParts(bench, parts => ({ ...parts, signature: null }))] },
  { name: 'no-nonce', title: 'no nonce', expected: 'refuse', why: 'Without it nothing tells a replay from a new one.', requests: bench => [withParts(bench, ({ nonce, ...parts }) => parts)] },
  { name: 'no-time', title: 'no timestamp', expected: 'refuse', why: 'Without a time there is no window.', requests: bench => [withParts(bench, ({ timestamp, ...parts }) => parts)] },
  { name: 'short-signature', title: 'a signature of another length', expected: 'refuse', why: 'Comparing in constant time throws on unequal lengths in many languages: a failure on demand.', requests: bench => [withParts(bench, parts => ({ ...parts, signature: parts.signature.slice(0, 20) }))] },
  { name: 'odd-characters', title: 'a signature with an accent in it, as long as a right one', expected: 'refuse', why: 'As many characters, but not as many bytes: the comparison throws.', requests: bench => [withParts(bench, parts => ({ ...parts, signature: `é${parts.signature.slice(1)}` }))] },
  { name: 'signature-of-nothing', title: 'the signature of no parameters', expected: 'refuse', why: 'A service that signs "nothing" where it could not read the body lets one such signature open every callback.', requests: bench => [tampered(bench, release(), '{}')] },
  { name: 'not-json', title: 'a body that is no JSON', expected: 'refuse', why: 'A failure of the service is the wrong word for it, and makes the vendor try again.', requests: bench => [jsonPost(bench.url, '{"callSerialNo":')] },
  { name: 'not-an-object', title: 'a JSON list for a body', expected: 'refuse', why: 'Valid JSON is not always an object.', requests: bench => [jsonPost(bench.url, '[1,2]')] },
  {
    name: 'unknown-call-connected',
    title: 'the unsigned connection of a call that nobody asked for',
    expected: 'refuse',
    why: 'It is never signed: whether the call is the service\'s own is all there is to check.',
    lacks: ({ connectedUrl }) => connectedUrl === undefined ? 'no address for connection callbacks is set' : undefined,
    requests: bench => [connected(bench.connectedUrl ?? '')]
  },
  {
    name: 'closed-gate',
    title: 'an unsigned connection at a slightly other address',
    expected: 'refuse',
    why: 'A secret in the address is the gate of what is not signed.',
    lacks: ({ connectedUrl }) => connectedUrl === undefined ? 'no address for connection callbacks is set' : undefined,
    requests: bench => [connected(`${bench.connectedUrl}x`)]
  },
  { name: 'genuine-at-the-end', title: 'what Huawei sends, once more', expected: 'accept', why: 'After all that, the service must still be there.', requests: bench => [released(bench)] }
]

function connected (url: string): WireRequest {
  return jsonPost(url, JSON.stringify({ callSerialNo: '1', serviceNo: '', called: '88880067', callData: null }))
}

function asForm (request: WireRequest): WireRequest {
  const fields = Object.entries(objectIn(Buffer.from(request.body).toString()) ?? {}).map(([name, value]) => [name, String(value)])
  return { ...request, headers: [['Content-Type', 'application/x-www-form-urlencoded']], body: Buffer.from(new URLSearchParams(Object.fromEntries(fields)).toString()) }
}

export const huaweiAiccSuite: Suite<HuaweiAiccBench> = {
  vendor: 'huawei-aicc',
  faults: [...accepted, ...refused],
  read,
  async explain (bench, sent, got) {
    return await explainAnswer({
      scheme,
      key: bench.secret,
      otherKeys: [{ id: 'another secret', secret: otherSecret }, ...bench.oldSecret === undefined ? [] : [{ id: 'the old secret', secret: bench.oldSecret }]],
      now: bench.now(),
      window,
      resign: (request, signature) => ({ ...request, body: Buffer.from(Buffer.from(request.body).toString().replace(/"signature":"[^"]*"/, () => `"signature":${JSON.stringify(signature)}`)) }),
      isAccepted: answer => read(answer) === 'accepted'
    }, sent, got)
  }
}

function isSuccess (text: string): boolean {
  const { retCode, retMsg } = objectIn(text) ?? {}
  return retCode === '0' && retMsg === 'success'
}

/** The vendor reads `retCode`: anything but "0" is a failure to it, whatever the status. */
function read ({ status, text }: WireAnswer): Got {
  if (status === null) return 'no answer'
  if (status >= 400) return status >= 500 ? 'failed' : 'refused'
  const retCode = objectIn(text)?.['retCode']
  if (typeof retCode !== 'string') return 'failed'
  return retCode === '0' ? 'accepted' : 'refused'
}
