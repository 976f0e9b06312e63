import {
  type AiccFault,
  serialNo,
  createConnection,
  minute,
  createNonce,
  otherSecret,
  formatParams,
  createRelease,
  createTampered,
  createWithParts
} from './bench.ts'
import { jsonPost } from '../shared/wire.ts'

/** Forged callbacks, and genuine ones that must not count. */
export const faultsToRefuse: AiccFault[] = [
  {
    name: 'wrong-key',
    title: 'signed with another secret',
    expected: 'refuse',
    why: 'A forger can do this.',
    requests: bench => [createRelease(bench, { secret: otherSecret })]
  },
  {
    name: 'old-key',
    title: 'signed with the old secret',
    expected: 'refuse',
    why: 'If the secret was replaced because it leaked, a forger has it.',
    missingSetting: ({ oldSecret }) => oldSecret === undefined ? 'no old secret is set' : undefined,
    requests: bench => [createRelease(bench, { secret: bench.oldSecret ?? otherSecret })]
  },
  {
    name: 'stale-clock',
    title: 'signed six minutes ago',
    expected: 'refuse',
    why: 'A recorded callback must not work for ever.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() - 6 * minute) })]
  },
  {
    name: 'future-clock',
    title: 'signed six minutes from now',
    expected: 'refuse',
    why:
      'A window with one side accepts a callback from the future until then, longer than nonces are remembered.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() + 6 * minute) })]
  },
  {
    name: 'tampered-field',
    title: 'the reason changed after signing',
    expected: 'refuse',
    why: 'The signature exists to prevent this.',
    requests: bench => [createTampered(bench, formatParams({ releaseReason: '5' }))]
  },
  {
    name: 'tampered-call',
    title: "the serial number's last digit changed after signing",
    expected: 'refuse',
    why: 'A service that reads it as a double sees no difference, and ends another call.',
    requests: bench => [
      createTampered(
        bench,
        formatParams().replace(`"${serialNo}"`, serialNo.replace(/3$/, '4')),
        formatParams().replace(`"${serialNo}"`, serialNo)
      )
    ]
  },
  {
    name: 'added-field',
    title: 'a field added after signing',
    expected: 'refuse',
    why: 'Every parameter is signed.',
    requests: bench => [createTampered(bench, formatParams({ recordfile: 'Y:/1/0/other.V3' }))]
  },
  {
    name: 'removed-field',
    title: 'a field removed after signing',
    expected: 'refuse',
    why: 'Every parameter is signed.',
    requests: bench => [
      createTampered(bench, formatParams(), formatParams({ recordfile: 'Y:/1/0/this.V3' }))
    ]
  },
  {
    name: 'tampered-time',
    title: 'a fresh time over an old signature',
    expected: 'refuse',
    why: 'Unless the time is signed, the window is worthless.',
    requests: bench => [
      createWithParts(
        bench,
        parts => ({ ...parts, timestamp: String(Number(parts.timestamp) + 1) })
      )
    ]
  },
  {
    name: 'tampered-nonce',
    title: 'a fresh nonce over an old signature',
    expected: 'refuse',
    why: 'Otherwise a recorded callback looks new each time.',
    requests: bench => [createWithParts(bench, parts => ({ ...parts, nonce: createNonce() }))]
  },
  {
    name: 'unsigned',
    title: 'no timestamp, nonce and signature',
    expected: 'refuse',
    why:
      'Huawei sends this if the URL is set on its admin page: the shared key must be configured.',
    requests: bench => [jsonPost(bench.url, formatParams())]
  },
  {
    name: 'no-signature',
    title: 'no signature',
    expected: 'refuse',
    why: 'An unsigned request can come from anybody.',
    requests: bench => [createWithParts(bench, ({ signature, ...parts }) => parts)]
  },
  {
    name: 'empty-signature',
    title: 'an empty signature',
    expected: 'refuse',
    why: 'An empty text must neither pass as a signature nor crash the service.',
    requests: bench => [createWithParts(bench, parts => ({ ...parts, signature: '' }))]
  },
  {
    name: 'null-signature',
    title: 'null for a signature',
    expected: 'refuse',
    why: 'Null must neither pass as a signature nor crash the service.',
    requests: bench => [createWithParts(bench, parts => ({ ...parts, signature: null }))]
  },
  {
    name: 'no-nonce',
    title: 'no nonce',
    expected: 'refuse',
    why: 'Without it, nothing tells a replay from a new callback.',
    requests: bench => [createWithParts(bench, ({ nonce, ...parts }) => parts)]
  },
  {
    name: 'no-time',
    title: 'no timestamp',
    expected: 'refuse',
    why: 'Without a time there is no window.',
    requests: bench => [createWithParts(bench, ({ timestamp, ...parts }) => parts)]
  },
  {
    name: 'short-signature',
    title: 'a signature of another length',
    expected: 'refuse',
    why:
      'In many languages, comparing in constant time throws on unequal lengths: anybody could cause failures.',
    requests: bench => [
      createWithParts(bench, parts => ({ ...parts, signature: parts.signature.slice(0, 20) }))
    ]
  },
  {
    name: 'odd-characters',
    title: 'a signature of the right length with an accent',
    expected: 'refuse',
    why: 'It has as many characters but more bytes: the comparison throws.',
    requests: bench => [
      createWithParts(bench, parts => ({ ...parts, signature: `é${parts.signature.slice(1)}` }))
    ]
  },
  {
    name: 'signature-of-nothing',
    title: 'the signature of no parameters',
    expected: 'refuse',
    why:
      'A service that cannot read the body checks an empty one: then this signature opens every callback.',
    requests: bench => [createTampered(bench, formatParams(), '{}')]
  },
  {
    name: 'not-json',
    title: 'a body that is not JSON',
    expected: 'refuse',
    why: 'If the service fails, the vendor sends it again.',
    requests: bench => [jsonPost(bench.url, '{"callSerialNo":')]
  },
  {
    name: 'not-an-object',
    title: 'a body that is a JSON list',
    expected: 'refuse',
    why: 'Valid JSON is not always an object.',
    requests: bench => [jsonPost(bench.url, '[1,2]')]
  },
  {
    name: 'unknown-call-connected',
    title: 'the unsigned connection of a call that nobody asked for',
    expected: 'refuse',
    why: 'It is never signed. The service can only check whether it asked for this call.',
    missingSetting: ({ connectedUrl }) =>
      connectedUrl === undefined ? 'no address for connection callbacks is set' : undefined,
    requests: bench => [createConnection(bench.connectedUrl ?? '')]
  },
  {
    name: 'closed-gate',
    title: 'an unsigned connection at a slightly different URL',
    expected: 'refuse',
    why: 'A secret in the URL is the gate of unsigned callbacks.',
    missingSetting: ({ connectedUrl }) =>
      connectedUrl === undefined ? 'no address for connection callbacks is set' : undefined,
    requests: bench => [createConnection(`${bench.connectedUrl}x`)]
  },
  {
    name: 'genuine-at-the-end',
    title: 'a genuine callback at the end',
    expected: 'accept',
    why: 'After all that, the service must still work.',
    requests: bench => [createRelease(bench)]
  }
]
