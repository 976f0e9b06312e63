import {
  authorization,
  type ContipleFault,
  errorComplaint,
  headersOf,
  lookup,
  minute,
  queryOfNobody,
  otherKey,
  query,
  without
} from './bench.ts'

/** What does not come from Contiple, or must not count. */
export const refused: ContipleFault[] = [
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
    complaint: ({ status, text }) =>
      status !== 403 ? 'The status must be 403.' : errorComplaint(text)
  },
  {
    name: 'old-key',
    title: 'signed with the key of before',
    expected: 'refuse',
    why: "A key that was replaced because it leaked is the forger's.",
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
    requests: bench => [lookup(bench, { signed: { body: queryOfNobody(bench) } })]
  },
  {
    name: 'rewritten-body',
    title: 'the same JSON, written otherwise after signing',
    expected: 'refuse',
    why:
      'The raw body is signed; who accepts this checks what was written again instead of what came.',
    requests: bench => [lookup(bench, { body: ` ${query(bench)}`, signed: { body: query(bench) } })]
  },
  {
    name: 'reordered-after-signing',
    title: 'the fields in another order than signed',
    expected: 'refuse',
    why: 'Nobody but a service that sorts them itself could take that for the same.',
    requests: bench => [
      lookup(bench, {
        body: `{"nation":"korea",${query(bench).slice(1)}`,
        signed: { body: query(bench, { nation: 'korea' }) }
      })
    ]
  },
  {
    name: 'signature-of-nothing',
    title: 'the signature of an empty body',
    expected: 'refuse',
    why:
      'A service that signs "nothing" where it has no raw body lets one such signature open every request.',
    requests: bench => [lookup(bench, { signed: { body: '' } })]
  },
  {
    name: 'other-content-type',
    title: 'the signature of an empty body, on text/plain',
    expected: 'refuse',
    why: 'The raw body is often kept for JSON alone, and checked as empty for everything else.',
    requests: bench => [
      headersOf(
        lookup(bench, { signed: { body: '' } }),
        headers =>
          headers.map(([name, value]) =>
            [name, name === 'Content-Type' ? 'text/plain' : value] as const
          )
      )
    ]
  },
  {
    name: 'no-signature',
    title: 'no Authorization',
    expected: 'refuse',
    why: 'Not signed is not signed.',
    requests: bench => [without('Authorization', lookup(bench))]
  },
  {
    name: 'empty-signature',
    title: 'an empty Authorization',
    expected: 'refuse',
    why: 'An empty text must not pass for a signature, nor bring the service down.',
    requests: bench => [authorization(lookup(bench), () => '')]
  },
  {
    name: 'no-time',
    title: 'no X-TC-Timestamp',
    expected: 'refuse',
    why: 'Without a time there is no window.',
    requests: bench => [without('X-TC-Timestamp', lookup(bench, { signed: { timestamp: '' } }))]
  },
  {
    name: 'short-signature',
    title: 'a signature of another length',
    expected: 'refuse',
    why:
      'Comparing in constant time throws on unequal lengths in many languages: a failure on demand.',
    requests: bench => [authorization(lookup(bench), text => text.slice(0, 20))]
  },
  {
    name: 'odd-characters',
    title: 'a signature with an accent in it, as long as a right one',
    expected: 'refuse',
    why: 'As many characters, but not as many bytes: the comparison throws.',
    requests: bench => [authorization(lookup(bench), text => `é${text.slice(1)}`)]
  },
  {
    name: 'two-signatures',
    title: 'two Authorization headers, the first one right',
    expected: 'refuse',
    why: 'A proxy before the service may have looked at the other one.',
    requests:
      bench => [headersOf(lookup(bench), headers => [...headers, ['Authorization', 'AAAA']])]
  },
  {
    name: 'two-times',
    title: 'two X-TC-Timestamp headers',
    expected: 'refuse',
    why: 'The signed one and the one that is held against the clock must be one.',
    requests: bench => [
      headersOf(
        lookup(bench, { timestamp: String(bench.now() - 60 * minute) }),
        headers => [...headers, ['X-TC-Timestamp', String(bench.now())]]
      )
    ]
  },
  {
    name: 'not-json',
    title: 'a signed body that is no JSON',
    expected: 'refuse',
    why: 'It comes from Contiple, but a failure of the service is the wrong word for it.',
    requests: bench => [lookup(bench, { body: query(bench).slice(0, -1) })]
  },
  {
    name: 'not-utf8',
    title: 'a signed body that is not UTF-8',
    expected: 'either',
    why: 'Refusing is safer; failing is wrong.',
    contentMayBeRefused: true,
    requests: bench => [
      lookup(bench, {
        body: Buffer.concat([
          Buffer.from(`{${JSON.stringify(bench.field)}:"`),
          Buffer.from([0xff, 0xfe]),
          Buffer.from('"}')
        ])
      })
    ]
  },
  {
    name: 'genuine-at-the-end',
    title: 'what Contiple sends, once more',
    expected: 'accept',
    why: 'After all that, the service must still be there.',
    requests: bench => [lookup(bench)]
  }
]
