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

/** The field must come out of the URL as it was put into the question. */
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
    why: 'CSC signs the agent in by it, or refuses.',
    requests: bench => [ask(bench)],
    complaint: wrongUrl
  },
  {
    name: 'secret-stays',
    title: 'the key in the answer',
    expected: 'accept',
    why: 'Who has the key signs in as any agent.',
    requests: bench => [ask(bench)],
    complaint: ({ headers, text }, { key }) =>
      `${headers.location} ${text}`.includes(key) ? 'The answer holds the key.' : undefined
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
    title: 'somebody who is not signed in',
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
    'A plus sign that is not percent-encoded arrives as a blank.'
  ),
  carries(
    'callerId',
    'spaces',
    'a number with blanks',
    '+1 555 123 4567',
    'What is signed is what is sent, blanks and all; or such numbers are refused.',
    'either'
  ),
  carries(
    'callerId',
    'long-number',
    'a number of 19 digits',
    '1197765398201387013',
    'A number is text: a double loses its last digits.',
    'either'
  ),
  carries(
    'callerId',
    'null',
    'the word null for a number',
    'null',
    'It is text as any other, and no failure of the service; or it is refused.',
    'either'
  ),
  carries(
    'callId',
    'call-id',
    'a call id with & and = in it',
    'a&b=c',
    'It must not end one parameter and begin another; or it is refused.',
    'either'
  ),
  carries(
    'username',
    'non-ascii',
    'an agent with an accent',
    'Renée',
    'CSC hashes as many bytes as the text has UTF-16 units; or such names are refused.',
    'either'
  ),
  carries(
    'username',
    'odd-name',
    "an agent's name with ( ) ~ ' in it",
    "j.doe (sales)*~!'",
    'Encoded as in a form; or such names are refused.',
    'either'
  ),
  {
    name: 'two-numbers',
    title: 'a second number at the end of the query',
    expected: 'either',
    why:
      'A proxy may have looked at the other one: one of the two is used everywhere, or the request is refused, but no URL names both.',
    lacks: bench =>
      lacksField('callerId')(bench) ??
        (numberParameter(bench) === undefined
          ? 'the target has {callerId} outside of its query'
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
      "One hash in 256 begins with two of them, which CSC's own code drops; a service that writes it otherwise than hex fails then.",
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
    title: 'the same call asked for twice',
    expected: 'accept',
    why: 'Agents click twice; nothing in the URL is good for once.',
    requests: bench => [ask(bench), ask(bench)],
    complaint: wrongUrl
  },
  {
    name: 'at-once',
    title: 'two calls asked for at once',
    expected: 'accept',
    why:
      'Each URL carries its own number: what one request leaves in the service must not get into the other.',
    lacks: lacksField('callerId'),
    together: true,
    requests: bench =>
      ['+15550000001', '+15550000002'].map(callerId => ask(bench, { more: { callerId } })),
    complaint: wrongUrlFor('callerId', '+15550000002')
  },
  {
    name: 'after-cut-connection',
    title: 'the next one after a connection that was cut',
    expected: 'accept',
    why: 'A browser that went away must not take the service down.',
    requests: bench => [{ ...ask(bench), cut: true }, ask(bench)],
    complaint: wrongUrl
  },
  {
    name: 'slow-body',
    title: 'a body that comes in pieces',
    expected: 'accept',
    why: 'Networks do that.',
    lacks: ({ method }) =>
      method === 'GET' ? 'a GET has no body: LAB_METHOD=POST if the service takes one' : undefined,
    requests: bench => [{ ...ask(bench), pauseMs: 100 }],
    complaint: wrongUrl
  }
]

/** The name under which the target's query has the number. */
function numberParameter ({ url }: OracleCscBench): string | undefined {
  return /[?&]([^=&?]+)=\{callerId\}/.exec(url)?.[1]
}

export const oracleCscSuite: Suite<OracleCscBench> = {
  vendor: 'oracle-csc',
  faults,
  read: readStatus
}
