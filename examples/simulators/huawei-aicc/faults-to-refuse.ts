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
    why: 'Anybody can sign with their own key.',
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
    why: 'A recorded callback must not work forever.',
    requests: bench => [createRelease(bench, { timestamp: String(bench.now() - 6 * minute) })]
  },
  {
    name: 'future-clock',
    title: 'signed six minutes from now',
    expected: 'refuse',
    why:
      'A one-sided window accepts a callback from the future until its time has passed, longer than the service remembers nonces.',
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
    title: 'the last digit of the serial number changed after signing',
    expected: 'refuse',
    why: 'A service that parses it as a double does not notice the change, and ends another call.',
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
    why: 'The signature covers every parameter.',
    requests: bench => [createTampered(bench, formatParams({ recordfile: 'Y:/1/0/other.V3' }))]
  },
  {
    name: 'removed-field',
    title: 'a field removed after signing',
    expected: 'refuse',
    why: 'The signature covers every parameter.',
    requests: bench => [
      createTampered(bench, formatParams(), formatParams({ recordfile: 'Y:/1/0/this.V3' }))
    ]
  },
  {
    name: 'tampered-time',
    title: 'a fresh timestamp with an old signature',
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
    title: 'a fresh nonce with an old signature',
    expected: 'refuse',
    why: 'Otherwise a replayed callback looks new.',
    requests: bench => [createWithParts(bench, parts => ({ ...parts, nonce: createNonce() }))]
  },
  {
    name: 'unsigned',
    title: 'no timestamp, nonce or signature',
    expected: 'refuse',
    why: 'Huawei sends unsigned callbacks if its admin page has the URL but no shared key.',
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
    why: 'An empty string must neither pass as a signature nor crash the service.',
    requests: bench => [createWithParts(bench, parts => ({ ...parts, signature: '' }))]
  },
  {
    name: 'null-signature',
    title: 'null as the signature',
    expected: 'refuse',
    why: 'Null must neither pass as a signature nor crash the service.',
    requests: bench => [createWithParts(bench, parts => ({ ...parts, signature: null }))]
  },
  {
    name: 'no-nonce',
    title: 'no nonce',
    expected: 'refuse',
    why: 'Without a nonce, the service cannot tell a replay from a new callback.',
    requests: bench => [createWithParts(bench, ({ nonce, ...parts }) => parts)]
  },
  {
    name: 'no-time',
    title: 'no timestamp',
    expected: 'refuse',
    why: 'Without a time, the service cannot check the window.',
    requests: bench => [createWithParts(bench, ({ timestamp, ...parts }) => parts)]
  },
  {
    name: 'short-signature',
    title: 'a signature of another length',
    expected: 'refuse',
    why:
      'In many languages, a constant-time comparison throws on unequal lengths, so anybody could cause errors.',
    requests: bench => [
      createWithParts(bench, parts => ({ ...parts, signature: parts.signature.slice(0, 20) }))
    ]
  },
  {
    name: 'odd-characters',
    title: 'a signature of the right length with an accent',
    expected: 'refuse',
    why:
      'The signature has the right number of characters but more bytes, so the comparison may throw.',
    requests: bench => [
      createWithParts(bench, parts => ({ ...parts, signature: `é${parts.signature.slice(1)}` }))
    ]
  },
  {
    name: 'signature-of-nothing',
    title: 'the signature of no parameters',
    expected: 'refuse',
    why:
      'A service that cannot read the body checks an empty one. Then this signature is valid for every callback.',
    requests: bench => [createTampered(bench, formatParams(), '{}')]
  },
  {
    name: 'not-json',
    title: 'a body that is not JSON',
    expected: 'refuse',
    why: 'If the service answers with a server error, the vendor sends the callback again.',
    requests: bench => [jsonPost(bench.url, '{"callSerialNo":')]
  },
  {
    name: 'not-an-object',
    title: 'a JSON array as the body',
    expected: 'refuse',
    why: 'Valid JSON is not always an object.',
    requests: bench => [jsonPost(bench.url, '[1,2]')]
  },
  {
    name: 'unknown-call-connected',
    title: 'the unsigned connection callback of an unknown call',
    expected: 'refuse',
    why:
      'Connection callbacks are never signed. The service can only check that it requested the call.',
    missingSetting: ({ connectedUrl }) =>
      connectedUrl === undefined ? 'no URL for connection callbacks is set' : undefined,
    requests: bench => [createConnection(bench.connectedUrl ?? '')]
  },
  {
    name: 'closed-gate',
    title: 'an unsigned connection callback at a slightly different URL',
    expected: 'refuse',
    why: 'A secret in the URL protects unsigned callbacks.',
    missingSetting: ({ connectedUrl }) =>
      connectedUrl === undefined ? 'no URL for connection callbacks is set' : undefined,
    requests: bench => [createConnection(`${bench.connectedUrl}x`)]
  },
  {
    name: 'genuine-at-the-end',
    title: 'a genuine callback at the end',
    expected: 'accept',
    why: 'The service must still work after all faults.',
    requests: bench => [createRelease(bench)]
  }
]
