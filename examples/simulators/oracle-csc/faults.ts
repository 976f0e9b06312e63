import { readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import { readStatus, type Suite } from '../shared/faults.ts'
import { exchange } from '../shared/wire.ts'
import {
  ask,
  type Asked,
  type CscFault,
  lacksField,
  type OracleCscBench,
  urlIn,
  wrongUrl,
  wrongUrlFor
} from './bench.ts'
import { schemeOf } from './hash.ts'

/** The URL must contain the field's value unchanged. */
function carries (
  field: keyof Asked,
  name: string,
  title: string,
  value: string,
  why: string,
  expected: 'accept' | 'either' = 'accept'
): CscFault {
  return {
    name,
    title,
    expected,
    why,
    lacks: lacksField(field),
    requests: bench => [ask(bench, { more: { [field]: value } })],
    complaint: wrongUrlFor(field, value)
  }
}

const faults: CscFault[] = [
  {
    name: 'genuine',
    title: 'the URL for a call',
    expected: 'accept',
    why: 'CSC signs the agent in with it, or refuses.',
    requests: bench => [ask(bench)],
    complaint: wrongUrl
  },
  {
    name: 'secret-stays',
    title: 'the key in the answer',
    expected: 'accept',
    why: 'Whoever has the key can sign in as any agent.',
    requests: bench => [ask(bench)],
    complaint: ({ headers, text }, { key }) =>
      `${headers.location} ${text}`.includes(key) ? 'The answer contains the key.' : undefined
  },
  {
    name: 'not-kept',
    title: 'whether a cache may keep the URL',
    expected: 'accept',
    why: 'The URL is a credential.',
    requests: bench => [ask(bench)],
    complaint: ({ headers }, { method }) =>
      method === 'POST' || /no-store|private/.test(headers['cache-control'] ?? '')
        ? undefined
        : 'The answer needs Cache-Control: no-store.'
  },
  {
    name: 'guest',
    title: 'a visitor who is not signed in',
    expected: 'refuse',
    why: 'The URL signs an agent in, so only that agent may get it.',
    lacks: ({ cookie }) => cookie === undefined ? 'no cookie of an agent is set' : undefined,
    requests: bench => [ask(bench, { asGuest: true })]
  },
  carries(
    'callerId',
    'plus',
    'a number with a plus sign',
    '+821012345678',
    'Unless it is percent-encoded, a plus sign arrives as a space.'
  ),
  carries(
    'callerId',
    'spaces',
    'a number with blanks',
    '+1 555 123 4567',
    'Sign exactly what is sent, spaces included. Or refuse such numbers.',
    'either'
  ),
  carries(
    'callerId',
    'long-number',
    'a number of 19 digits',
    '1197765398201387013',
    'A number is text. A double loses the last digits.',
    'either'
  ),
  carries(
    'callerId',
    'null',
    'the word "null" as the number',
    'null',
    'It is text like any other and must not crash the service. Or refuse it.',
    'either'
  ),
  carries(
    'callId',
    'call-id',
    'a call id with & and =',
    'a&b=c',
    'It must not end one parameter and begin another. Or refuse it.',
    'either'
  ),
  carries(
    'username',
    'non-ascii',
    'an agent with an accent',
    'Renée',
    'CSC hashes as many bytes as the text has UTF-16 units. Or refuse such names.',
    'either'
  ),
  carries(
    'username',
    'odd-name',
    "an agent's name with ( ) ~ ' in it",
    "j.doe (sales)*~!'",
    'Encode it as in a form. Or refuse such names.',
    'either'
  ),
  {
    name: 'two-numbers',
    title: 'a second number at the end of the query',
    expected: 'either',
    why:
      'A proxy may have checked the other one. Use one of them everywhere, or refuse, but never sign a URL with both.',
    lacks: bench =>
      lacksField('callerId')(bench) ??
        (numberParameter(bench) === undefined
          ? 'the target has {callerId} outside its query'
          : undefined),
    requests: bench => [ask(bench, { query: `&${numberParameter(bench)}=%2B15550000000` })],
    complaint: (answer, bench) =>
      answer.status !== null && answer.status >= 400 ? undefined : wrongUrl(answer, bench)
  },
  {
    name: 'short-hash',
    title: 'a number whose hash begins with zeros',
    expected: 'accept',
    why:
      'One hash in 256 begins with two zeros, which CSC drops. A service that formats the hash differently fails then.',
    lacks: lacksField('callerId'),
    async requests (bench) {
      const { username = '', callId } = readClickToCallUrl(
        urlIn(await exchange(ask(bench))) ?? '',
        { names: bench.names }
      )
      const scheme = schemeOf(bench)
      const signed = (callerId: string): string =>
        scheme.sign({
          username,
          callerId,
          ...bench.checkCallId && callId !== undefined && { callId }
        }, bench.key)
      const whole = bench.algorithm === 'sha1' ? 40 : 64
      let number = 15_550_000_000
      while (signed(`+${number}`).length > whole - 2) number++
      return [ask(bench, { more: { username, callerId: `+${number}` } })]
    },
    complaint: wrongUrl
  },
  {
    name: 'duplicate-delivery',
    title: 'two requests for the same call',
    expected: 'accept',
    why: 'Agents click twice. Nothing in the URL is valid only once.',
    requests: bench => [ask(bench), ask(bench)],
    complaint: wrongUrl
  },
  {
    name: 'at-once',
    title: 'two calls at once',
    expected: 'accept',
    why: 'Each URL has its own number. Nothing of one request may get into the other.',
    lacks: lacksField('callerId'),
    together: true,
    requests: bench =>
      ['+15550000001', '+15550000002'].map(callerId => ask(bench, { more: { callerId } })),
    complaint: wrongUrlFor('callerId', '+15550000002')
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke',
    expected: 'accept',
    why: 'A browser that disconnects must not take the service down.',
    requests: bench => [{ ...ask(bench), cut: true }, ask(bench)],
    complaint: wrongUrl
  },
  {
    name: 'slow-body',
    title: 'a body that arrives in pieces',
    expected: 'accept',
    why: 'Networks do that.',
    lacks: ({ method }) =>
      method === 'GET' ? 'a GET has no body: LAB_METHOD=POST if the service takes one' : undefined,
    requests: bench => [{ ...ask(bench), pauseMs: 100 }],
    complaint: wrongUrl
  }
]

/** The name of the query parameter with the number in the target URL. */
function numberParameter ({ url }: OracleCscBench): string | undefined {
  return /[?&]([^=&?]+)=\{callerId\}/.exec(url)?.[1]
}

export const oracleCscSuite: Suite<OracleCscBench> = {
  vendor: 'oracle-csc',
  faults,
  read: readStatus
}
