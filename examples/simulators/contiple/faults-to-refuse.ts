import {
  changeSignature,
  type ContipleFault,
  checkErrorShape,
  changeHeaders,
  createLookup,
  minute,
  createUnknownQuery,
  otherKey,
  createQuery,
  removeHeader
} from './bench.ts'

/** Forged requests, and genuine ones that must not count. */
export const faultsToRefuse: ContipleFault[] = [
  {
    name: 'wrong-key',
    title: 'signed with another key',
    expected: 'refuse',
    why: 'Anybody can sign with their own key.',
    requests: bench => [createLookup(bench, { key: otherKey })]
  },
  {
    name: 'refusal-shape',
    title: 'signed with another key, to see the refusal',
    expected: 'refuse',
    why: 'Contiple\'s agent sees "access denied" for 403 only.',
    requests: bench => [createLookup(bench, { key: otherKey })],
    complaint: ({ status, text }) =>
      status !== 403 ? 'The status must be 403.' : checkErrorShape(text)
  },
  {
    name: 'old-key',
    title: 'signed with the old key',
    expected: 'refuse',
    why: 'If the key was replaced because it leaked, a forger has it.',
    missingSetting: ({ oldKey }) => oldKey === undefined ? 'no old key is set' : undefined,
    requests: bench => [createLookup(bench, { key: bench.oldKey ?? otherKey })]
  },
  {
    name: 'stale-clock',
    title: 'signed six minutes ago',
    expected: 'refuse',
    why: 'A recorded request must not work forever.',
    requests: bench => [createLookup(bench, { timestamp: String(bench.now() - 6 * minute) })]
  },
  {
    name: 'future-clock',
    title: 'signed six minutes from now',
    expected: 'refuse',
    why: 'A one-sided window accepts a request from the future until its time has passed.',
    requests: bench => [createLookup(bench, { timestamp: String(bench.now() + 6 * minute) })]
  },
  {
    name: 'seconds',
    title: 'the time in seconds',
    expected: 'refuse',
    why: 'Contiple sends milliseconds. Seconds, read as milliseconds, are a time in 1970.',
    requests: bench => [createLookup(bench, { timestamp: String(Math.floor(bench.now() / 1000)) })]
  },
  {
    name: 'tampered-time',
    title: 'an old signature with a fresh time',
    expected: 'refuse',
    why: 'Unless the time is signed, the window is worthless.',
    requests:
      bench => [createLookup(bench, { signed: { timestamp: String(bench.now() - 60 * minute) } })]
  },
  {
    name: 'tampered-field',
    title: 'the number changed after signing',
    expected: 'refuse',
    why: 'Otherwise one recorded request can look up every customer.',
    requests: bench => [createLookup(bench, { signed: { body: createUnknownQuery(bench) } })]
  },
  {
    name: 'rewritten-body',
    title: 'the same JSON, reformatted after signing',
    expected: 'refuse',
    why:
      'The signature covers the raw body. A service that accepts this checks a serialized body instead.',
    requests: bench => [
      createLookup(bench, {
        body: ` ${createQuery(bench)}`,
        signed: { body: createQuery(bench) }
      })
    ]
  },
  {
    name: 'reordered-after-signing',
    title: 'the fields reordered after signing',
    expected: 'refuse',
    why: 'Only a service that sorts the fields could accept this.',
    requests: bench => [
      createLookup(bench, {
        body: `{"nation":"korea",${createQuery(bench).slice(1)}`,
        signed: { body: createQuery(bench, { nation: 'korea' }) }
      })
    ]
  },
  {
    name: 'signature-of-nothing',
    title: 'the signature of an empty body',
    expected: 'refuse',
    why:
      'A service without the raw body checks an empty one. Then this signature is valid for every request.',
    requests: bench => [createLookup(bench, { signed: { body: '' } })]
  },
  {
    name: 'other-content-type',
    title: 'the signature of an empty body, with the content type text/plain',
    expected: 'refuse',
    why:
      'Services often capture the raw body only for JSON, and check an empty one for other types.',
    requests: bench => [
      changeHeaders(
        createLookup(bench, { signed: { body: '' } }),
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
    why: 'An unsigned request can come from anybody.',
    requests: bench => [removeHeader('Authorization', createLookup(bench))]
  },
  {
    name: 'empty-signature',
    title: 'an empty Authorization',
    expected: 'refuse',
    why: 'An empty string must neither pass as a signature nor crash the service.',
    requests: bench => [changeSignature(createLookup(bench), () => '')]
  },
  {
    name: 'no-time',
    title: 'no X-TC-Timestamp',
    expected: 'refuse',
    why: 'Without a time, the service cannot check the window.',
    requests:
      bench => [removeHeader('X-TC-Timestamp', createLookup(bench, { signed: { timestamp: '' } }))]
  },
  {
    name: 'short-signature',
    title: 'a signature of another length',
    expected: 'refuse',
    why:
      'In many languages, a constant-time comparison throws on unequal lengths, so anybody could cause errors.',
    requests: bench => [changeSignature(createLookup(bench), text => text.slice(0, 20))]
  },
  {
    name: 'odd-characters',
    title: 'a signature of the right length with an accent',
    expected: 'refuse',
    why:
      'The signature has the right number of characters but more bytes, so the comparison may throw.',
    requests: bench => [changeSignature(createLookup(bench), text => `é${text.slice(1)}`)]
  },
  {
    name: 'two-signatures',
    title: 'two Authorization headers, the first one right',
    expected: 'refuse',
    why: 'A proxy may have checked the other one.',
    requests: bench => [
      changeHeaders(createLookup(bench), headers => [...headers, ['Authorization', 'AAAA']])
    ]
  },
  {
    name: 'two-times',
    title: 'two X-TC-Timestamp headers',
    expected: 'refuse',
    why: 'The service must compare the signed time with its clock.',
    requests: bench => [
      changeHeaders(
        createLookup(bench, { timestamp: String(bench.now() - 60 * minute) }),
        headers => [...headers, ['X-TC-Timestamp', String(bench.now())]]
      )
    ]
  },
  {
    name: 'not-json',
    title: 'a signed body that is not JSON',
    expected: 'refuse',
    why: 'The signature is right, but the service must not answer with a server error.',
    requests: bench => [createLookup(bench, { body: createQuery(bench).slice(0, -1) })]
  },
  {
    name: 'not-utf8',
    title: 'a signed body that is not UTF-8',
    expected: 'either',
    why: 'Refusing it is safer. A server error is wrong.',
    contentMayBeRefused: true,
    requests: bench => [
      createLookup(bench, {
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
    title: 'a genuine request at the end',
    expected: 'accept',
    why: 'The service must still work after all faults.',
    requests: bench => [createLookup(bench)]
  }
]
