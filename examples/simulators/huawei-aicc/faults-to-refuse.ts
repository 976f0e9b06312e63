import {
  type AiccFault,
  call,
  connected,
  minute,
  newNonce,
  otherSecret,
  release,
  released,
  tampered,
  withParts
} from './bench.ts'
import { jsonPost } from '../shared/wire.ts'

/** What does not come from Huawei, or must not count. */
export const refused: AiccFault[] = [
  {
    name: 'wrong-key',
    title: 'signed with another secret',
    expected: 'refuse',
    why: 'That is what a forger can do.',
    requests: bench => [released(bench, { secret: otherSecret })]
  },
  {
    name: 'old-key',
    title: 'signed with the secret of before',
    expected: 'refuse',
    why: "A secret that was replaced because it leaked is the forger's.",
    lacks: ({ oldSecret }) => oldSecret === undefined ? 'no old secret is set' : undefined,
    requests: bench => [released(bench, { secret: bench.oldSecret ?? otherSecret })]
  },
  {
    name: 'stale-clock',
    title: 'signed six minutes ago',
    expected: 'refuse',
    why: 'Who records a callback must not be able to use it for ever.',
    requests: bench => [released(bench, { timestamp: String(bench.now() - 6 * minute) })]
  },
  {
    name: 'future-clock',
    title: 'signed six minutes from now',
    expected: 'refuse',
    why:
      'A window with one side lets a recorded callback of the far future live as long, past the memory for nonces.',
    requests: bench => [released(bench, { timestamp: String(bench.now() + 6 * minute) })]
  },
  {
    name: 'tampered-field',
    title: 'the reason changed after signing',
    expected: 'refuse',
    why: 'That is what a signature is for.',
    requests: bench => [tampered(bench, release({ releaseReason: '5' }))]
  },
  {
    name: 'tampered-call',
    title: "the serial number's last digit changed after signing",
    expected: 'refuse',
    why: 'Who reads it as a double does not see the difference, and ends another call.',
    requests: bench => [
      tampered(
        bench,
        release().replace(`"${call}"`, call.replace(/3$/, '4')),
        release().replace(`"${call}"`, call)
      )
    ]
  },
  {
    name: 'added-field',
    title: 'a field added after signing',
    expected: 'refuse',
    why: 'Every parameter is signed.',
    requests: bench => [tampered(bench, release({ recordfile: 'Y:/1/0/other.V3' }))]
  },
  {
    name: 'removed-field',
    title: 'a field removed after signing',
    expected: 'refuse',
    why: 'Every parameter is signed.',
    requests: bench => [tampered(bench, release(), release({ recordfile: 'Y:/1/0/this.V3' }))]
  },
  {
    name: 'tampered-time',
    title: 'a fresh time over an old signature',
    expected: 'refuse',
    why: 'The time must be part of what is signed, or the window is worth nothing.',
    requests: bench => [
      withParts(bench, parts => ({ ...parts, timestamp: String(Number(parts.timestamp) + 1) }))
    ]
  },
  {
    name: 'tampered-nonce',
    title: 'a fresh nonce over an old signature',
    expected: 'refuse',
    why: 'Otherwise a recorded callback is new each time.',
    requests: bench => [withParts(bench, parts => ({ ...parts, nonce: newNonce() }))]
  },
  {
    name: 'unsigned',
    title: 'no timestamp, nonce and signature',
    expected: 'refuse',
    why:
      'Huawei sends this where the address is set on its page: the shared key must be asked for.',
    requests: bench => [jsonPost(bench.url, release())]
  },
  {
    name: 'no-signature',
    title: 'no signature',
    expected: 'refuse',
    why: 'Not signed is not signed.',
    requests: bench => [withParts(bench, ({ signature, ...parts }) => parts)]
  },
  {
    name: 'empty-signature',
    title: 'an empty signature',
    expected: 'refuse',
    why: 'An empty text must not pass for a signature, nor bring the service down.',
    requests: bench => [withParts(bench, parts => ({ ...parts, signature: '' }))]
  },
  {
    name: 'null-signature',
    title: 'null for a signature',
    expected: 'refuse',
    why: 'Null must not pass for a signature, nor bring the service down.',
    requests: bench => [withParts(bench, parts => ({ ...parts, signature: null }))]
  },
  {
    name: 'no-nonce',
    title: 'no nonce',
    expected: 'refuse',
    why: 'Without it nothing tells a replay from a new one.',
    requests: bench => [withParts(bench, ({ nonce, ...parts }) => parts)]
  },
  {
    name: 'no-time',
    title: 'no timestamp',
    expected: 'refuse',
    why: 'Without a time there is no window.',
    requests: bench => [withParts(bench, ({ timestamp, ...parts }) => parts)]
  },
  {
    name: 'short-signature',
    title: 'a signature of another length',
    expected: 'refuse',
    why:
      'Comparing in constant time throws on unequal lengths in many languages: a failure on demand.',
    requests:
      bench => [withParts(bench, parts => ({ ...parts, signature: parts.signature.slice(0, 20) }))]
  },
  {
    name: 'odd-characters',
    title: 'a signature with an accent in it, as long as a right one',
    expected: 'refuse',
    why: 'As many characters, but not as many bytes: the comparison throws.',
    requests: bench => [
      withParts(bench, parts => ({ ...parts, signature: `é${parts.signature.slice(1)}` }))
    ]
  },
  {
    name: 'signature-of-nothing',
    title: 'the signature of no parameters',
    expected: 'refuse',
    why:
      'A service that signs "nothing" where it could not read the body lets one such signature open every callback.',
    requests: bench => [tampered(bench, release(), '{}')]
  },
  {
    name: 'not-json',
    title: 'a body that is no JSON',
    expected: 'refuse',
    why: 'A failure of the service is the wrong word for it, and makes the vendor try again.',
    requests: bench => [jsonPost(bench.url, '{"callSerialNo":')]
  },
  {
    name: 'not-an-object',
    title: 'a JSON list for a body',
    expected: 'refuse',
    why: 'Valid JSON is not always an object.',
    requests: bench => [jsonPost(bench.url, '[1,2]')]
  },
  {
    name: 'unknown-call-connected',
    title: 'the unsigned connection of a call that nobody asked for',
    expected: 'refuse',
    why: "It is never signed: whether the call is the service's own is all there is to check.",
    lacks: ({ connectedUrl }) =>
      connectedUrl === undefined ? 'no address for connection callbacks is set' : undefined,
    requests: bench => [connected(bench.connectedUrl ?? '')]
  },
  {
    name: 'closed-gate',
    title: 'an unsigned connection at a slightly other address',
    expected: 'refuse',
    why: 'A secret in the address is the gate of what is not signed.',
    lacks: ({ connectedUrl }) =>
      connectedUrl === undefined ? 'no address for connection callbacks is set' : undefined,
    requests: bench => [connected(`${bench.connectedUrl}x`)]
  },
  {
    name: 'genuine-at-the-end',
    title: 'what Huawei sends, once more',
    expected: 'accept',
    why: 'After all that, the service must still be there.',
    requests: bench => [released(bench)]
  }
]
