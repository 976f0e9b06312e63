import { readStatus, type Suite } from '../shared/faults.ts'
import { objectIn } from '../shared/wire.ts'
import {
  ask,
  challenge,
  type ItxChatBench,
  type ItxFault,
  takesNoSessions,
  wrongAnswerTo,
  wrongHash
} from './bench.ts'

const faults: ItxFault[] = [
  {
    name: 'genuine',
    title: 'a session as the widget gets it',
    expected: 'accept',
    why: "With a wrong hash the portal's agent sees a warning.",
    requests: bench => [ask(bench)],
    complaint: wrongHash
  },
  {
    name: 'secret-stays',
    title: 'the secret in the answer',
    expected: 'accept',
    why: 'Who has the secret is whoever they want to be.',
    requests: bench => [ask(bench)],
    complaint: ({ text }, { secret }) =>
      text.includes(secret) ? 'The answer holds the secret.' : undefined
  },
  {
    name: 'not-kept',
    title: 'whether a cache may keep the session',
    expected: 'accept',
    why: "A shared cache would hand one member's session to the next.",
    requests: bench => [ask(bench)],
    complaint: ({ headers }, { method }) =>
      method === 'POST' || /no-store|private/.test(headers['cache-control'] ?? '')
        ? undefined
        : 'The answer needs Cache-Control: no-store.'
  },
  {
    name: 'guest',
    title: 'a visitor who is not signed in',
    expected: 'either',
    why: 'A guest must not be shown as a verified member.',
    lacks: ({ cookie }) => cookie === undefined ? 'no cookie of a member is set' : undefined,
    requests: bench => [ask(bench, '{}', true)],
    complaint: ({ status, text }) =>
      status === 200 && Object.keys(objectIn(text)?.['verifiedData'] ?? {}).length > 0
        ? 'A guest got verified data.'
        : undefined
  },
  challenge(
    'reordered-fields',
    'fields in capitals and in no order',
    '{"verifiedData":{"zeta":"1","Alpha":"2","_x":"3","beta":"4"}}',
    'Entries are sorted by code unit: a sort by locale puts them elsewhere.'
  ),
  challenge(
    'secret-between',
    'names on both sides of any secret',
    '{"verifiedData":{" ":"1","~":"2"}}',
    'The secret is sorted among the entries, not put at an end.'
  ),
  challenge(
    'non-ascii',
    'Korean, accents and an emoji',
    '{"verifiedData":{"name":"Åse 홍길동 😀"}}',
    'The joined text is UTF-8.'
  ),
  challenge(
    'spaces',
    'spaces at both ends of a value',
    '{"verifiedData":{"name":"  Kari  Nordmann "}}',
    'Values are hashed as they are sent, never trimmed.'
  ),
  challenge(
    'null',
    'null and empty values',
    '{"verifiedData":{"name":null,"tag":""}}',
    'Inside of verifiedData null is the word null, and empty stays.'
  ),
  challenge(
    'nested',
    'an object and a list inside',
    '{"verifiedData":{"meta":{"a":1,"b":["x",null]}}}',
    'Nested values are hashed as compact JSON.'
  ),
  challenge(
    'long-number',
    'a number of 19 digits',
    '{"verifiedData":{"order":1197765398201387013}}',
    'What is hashed must be what is sent: the digits that a double keeps, or all of them.'
  ),
  challenge(
    'number-spelling',
    '1.0 and 1e3 for numbers',
    '{"verifiedData":{"score":1.0,"limit":1e3}}',
    'What is hashed must be what is sent.'
  ),
  challenge(
    'markup',
    'the end of a script element in a name',
    '{"verifiedData":{"name":"</script><script>alert(1)</script>&amp;"}}',
    'It is escaped for the page, not for the hash.'
  ),
  challenge(
    'root-values',
    'values beside verifiedData',
    '{"verifiedData":{"name":"Kari"},"extSystemTag":"CRM","extSystemId":"12"}',
    'Root values are hashed bare, without their names.'
  ),
  challenge(
    'two-names',
    'one name twice',
    '{"verifiedData":{"name":"Kari","name":"Ola"}}',
    'The last one counts, for the hash as for the page; or it is refused.',
    'either'
  ),
  challenge(
    'tampered-hash',
    'a hash that the visitor made up',
    `{"verifiedData":{"name":"Kari"},"extSystemHash":"${'0'.repeat(40)}"}`,
    'The service writes its own over it, or refuses.',
    'either'
  ),
  challenge(
    'separators',
    '- and : inside of a value',
    '{"verifiedData":{"name":"a-b:c"}}',
    'The joined text has no escapes, so such values may be refused; signed they must be right.',
    'either'
  ),
  {
    name: 'duplicate-delivery',
    title: 'the same session asked for twice',
    expected: 'accept',
    why: 'A visitor reloads the page; nothing in the session is good for once.',
    requests: bench => [ask(bench), ask(bench)],
    complaint: wrongHash
  },
  {
    name: 'at-once',
    title: 'two sessions at once',
    expected: 'accept',
    why: "What one visitor leaves in the service must not get into another one's session.",
    lacks: takesNoSessions,
    together: true,
    requests: bench =>
      ['Ola', 'Kari'].map(name => ask(bench, JSON.stringify({ verifiedData: { name } }))),
    complaint: (answer, bench) =>
      wrongHash(answer, bench) ??
        (answer.text.includes('Kari') ? undefined : "The session is another visitor's.")
  },
  {
    name: 'after-cut-connection',
    title: 'the next one after a connection that was cut',
    expected: 'accept',
    why: 'A browser that went away must not take the service down.',
    requests: bench => [{ ...ask(bench), cut: true }, ask(bench)],
    complaint: wrongHash
  },
  {
    name: 'slow-body',
    title: 'a session that comes in pieces',
    expected: 'accept',
    why: 'Networks do that; the session is all of its pieces.',
    lacks: takesNoSessions,
    requests: bench => [{ ...ask(bench), pauseMs: 100 }],
    complaint: wrongAnswerTo('{"verifiedData":{"name":"Kari"}}')
  }
]

export const itxChatSuite: Suite<ItxChatBench> = { vendor: 'itx-chat', faults, read: readStatus }
