import { readStatus, type Suite } from '../shared/faults.ts'
import { parseObject } from '../shared/wire.ts'
import {
  requestSession,
  createChallenge,
  type ItxChatBench,
  type ItxFault,
  requirePost,
  createAnswerCheck,
  checkHash
} from './bench.ts'

const faults: ItxFault[] = [
  {
    name: 'genuine',
    title: 'a genuine session',
    expected: 'accept',
    why: "With a wrong hash, the portal's agent sees a warning.",
    requests: bench => [requestSession(bench)],
    complaint: checkHash
  },
  {
    name: 'secret-stays',
    title: 'the secret in the answer',
    expected: 'accept',
    why: 'Anybody with the secret can impersonate any customer.',
    requests: bench => [requestSession(bench)],
    complaint: ({ text }, { secret }) =>
      text.includes(secret) ? 'The answer contains the secret.' : undefined
  },
  {
    name: 'not-kept',
    title: 'the cache headers of the session',
    expected: 'accept',
    why: "A shared cache would serve one member's session to another.",
    requests: bench => [requestSession(bench)],
    complaint: ({ headers }, { method }) =>
      method === 'POST' || /no-store|private/.test(headers['cache-control'] ?? '')
        ? undefined
        : 'The answer needs Cache-Control: no-store.'
  },
  {
    name: 'guest',
    title: 'a visitor without a session',
    expected: 'either',
    why: 'A guest must not appear as a verified member.',
    missingSetting: ({ cookie }) => cookie === undefined ? 'no member cookie is set' : undefined,
    requests: bench => [requestSession(bench, '{}', true)],
    complaint: ({ status, text }) =>
      status === 200 && Object.keys(parseObject(text)?.['verifiedData'] ?? {}).length > 0
        ? 'A guest got verified data.'
        : undefined
  },
  createChallenge(
    'reordered-fields',
    'unsorted fields, some in capitals',
    '{"verifiedData":{"zeta":"1","Alpha":"2","_x":"3","beta":"4"}}',
    'Entries are sorted by code unit. A locale-aware sort gives another order.'
  ),
  createChallenge(
    'secret-between',
    'names on both sides of any secret',
    '{"verifiedData":{" ":"1","~":"2"}}',
    'The secret is sorted with the entries, not placed at the beginning or end.'
  ),
  createChallenge(
    'non-ascii',
    'Korean, accents and an emoji',
    '{"verifiedData":{"name":"Åse 홍길동 😀"}}',
    'The joined text is UTF-8.'
  ),
  createChallenge(
    'spaces',
    'spaces at both ends of a value',
    '{"verifiedData":{"name":"  Kari  Nordmann "}}',
    'Values are hashed as sent, never trimmed.'
  ),
  createChallenge(
    'null',
    'null and empty values',
    '{"verifiedData":{"name":null,"tag":""}}',
    'Inside verifiedData, null becomes the word "null", and empty values are hashed.'
  ),
  createChallenge(
    'nested',
    'an object and a list inside',
    '{"verifiedData":{"meta":{"a":1,"b":["x",null]}}}',
    'Nested values are hashed as compact JSON.'
  ),
  createChallenge(
    'long-number',
    'a number of 19 digits',
    '{"verifiedData":{"order":1197765398201387013}}',
    'The hash must cover the digits in the answer: all of them, or those that a double keeps.'
  ),
  createChallenge(
    'number-spelling',
    'the numbers 1.0 and 1e3',
    '{"verifiedData":{"score":1.0,"limit":1e3}}',
    'The hash must cover the spelling in the answer.'
  ),
  createChallenge(
    'markup',
    'the end of a script element in a name',
    '{"verifiedData":{"name":"</script><script>alert(1)</script>&amp;"}}',
    'The page needs escaping; the hash must not include it.'
  ),
  createChallenge(
    'root-values',
    'values outside verifiedData',
    '{"verifiedData":{"name":"Kari"},"extSystemTag":"CRM","extSystemId":"12"}',
    'Root values are hashed without their names.'
  ),
  createChallenge(
    'two-names',
    'one name twice',
    '{"verifiedData":{"name":"Kari","name":"Ola"}}',
    'The hash and the page must use the last one, or the service must refuse.',
    'either'
  ),
  createChallenge(
    'tampered-hash',
    "a visitor's own hash",
    `{"verifiedData":{"name":"Kari"},"extSystemHash":"${'0'.repeat(40)}"}`,
    'The service must overwrite the hash, or refuse.',
    'either'
  ),
  createChallenge(
    'separators',
    '- and : inside a value',
    '{"verifiedData":{"name":"a-b:c"}}',
    'The joined text has no escapes. The service must sign such values unchanged, or refuse them.',
    'either'
  ),
  {
    name: 'duplicate-delivery',
    title: 'two requests for the same session',
    expected: 'accept',
    why: 'Visitors reload pages. A session may be used more than once.',
    requests: bench => [requestSession(bench), requestSession(bench)],
    complaint: checkHash
  },
  {
    name: 'at-once',
    title: 'two sessions at once',
    expected: 'accept',
    why: "One visitor's data must not get into another visitor's session.",
    missingSetting: requirePost,
    together: true,
    requests: bench =>
      ['Ola', 'Kari'].map(name =>
        requestSession(bench, JSON.stringify({ verifiedData: { name } }))
      ),
    complaint: (answer, bench) =>
      checkHash(answer, bench) ??
        (answer.text.includes('Kari') ? undefined : 'The session belongs to another visitor.')
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke',
    expected: 'accept',
    why: 'A browser that disconnects must not crash the service.',
    requests: bench => [{ ...requestSession(bench), cut: true }, requestSession(bench)],
    complaint: checkHash
  },
  {
    name: 'slow-body',
    title: 'a session that arrives in pieces',
    expected: 'accept',
    why: 'Networks split bodies. The session is all pieces together.',
    missingSetting: requirePost,
    requests: bench => [{ ...requestSession(bench), pauseMs: 100 }],
    complaint: createAnswerCheck('{"verifiedData":{"name":"Kari"}}')
  }
]

export const itxChatSuite: Suite<ItxChatBench> = { vendor: 'itx-chat', faults, read: readStatus }
