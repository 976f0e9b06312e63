import { readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import { readStatus, type Suite } from '../shared/faults.ts'
import { exchange } from '../shared/wire.ts'
import {
  requestUrl,
  type CallParameters,
  type CscFault,
  requireField,
  type OracleCscBench,
  extractUrl,
  checkUrl,
  createUrlCheck
} from './bench.ts'
import { createHashScheme } from './hash.ts'

/** The URL must contain the field's value unchanged. */
function createFieldFault (
  field: keyof CallParameters,
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
    missingSetting: requireField(field),
    requests: bench => [requestUrl(bench, { more: { [field]: value } })],
    complaint: createUrlCheck(field, value)
  }
}

const faults: CscFault[] = [
  {
    name: 'genuine',
    title: 'the URL for a call',
    expected: 'accept',
    why: 'CSC signs the agent in with it, or refuses.',
    requests: bench => [requestUrl(bench)],
    complaint: checkUrl
  },
  {
    name: 'secret-stays',
    title: 'the key in the answer',
    expected: 'accept',
    why: 'Whoever has the key can sign in as any agent.',
    requests: bench => [requestUrl(bench)],
    complaint: ({ headers, text }, { key }) =>
      `${headers.location} ${text}`.includes(key) ? 'The answer contains the key.' : undefined
  },
  {
    name: 'not-kept',
    title: 'whether a cache may keep the URL',
    expected: 'accept',
    why: 'The URL is a credential.',
    requests: bench => [requestUrl(bench)],
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
    missingSetting: ({ cookie }) =>
      cookie === undefined ? 'no cookie of an agent is set' : undefined,
    requests: bench => [requestUrl(bench, { asGuest: true })]
  },
  createFieldFault(
    'callerId',
    'plus',
    'a number with a plus sign',
    '+821012345678',
    'Unless it is percent-encoded, a plus sign arrives as a space.'
  ),
  createFieldFault(
    'callerId',
    'spaces',
    'a number with blanks',
    '+1 555 123 4567',
    'Sign exactly what is sent, spaces included. Or refuse such numbers.',
    'either'
  ),
  createFieldFault(
    'callerId',
    'long-number',
    'a number of 19 digits',
    '1197765398201387013',
    'A number is text. A double loses the last digits.',
    'either'
  ),
  createFieldFault(
    'callerId',
    'null',
    'the word "null" as the number',
    'null',
    'It is text like any other and must not crash the service. Or refuse it.',
    'either'
  ),
  createFieldFault(
    'callId',
    'call-id',
    'a call id with & and =',
    'a&b=c',
    'It must not end one parameter and begin another. Or refuse it.',
    'either'
  ),
  createFieldFault(
    'username',
    'non-ascii',
    'an agent with an accent',
    'Renée',
    'CSC hashes as many bytes as the text has UTF-16 units. Or refuse such names.',
    'either'
  ),
  createFieldFault(
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
    missingSetting: bench =>
      requireField('callerId')(bench) ??
        (numberParameter(bench) === undefined
          ? 'the target has {callerId} outside its query'
          : undefined),
    requests: bench => [requestUrl(bench, { query: `&${numberParameter(bench)}=%2B15550000000` })],
    complaint: (answer, bench) =>
      answer.status !== null && answer.status >= 400 ? undefined : checkUrl(answer, bench)
  },
  {
    name: 'short-hash',
    title: 'a number whose hash begins with zeros',
    expected: 'accept',
    why:
      'One hash in 256 begins with two zeros, which CSC drops. A service that formats the hash differently fails then.',
    missingSetting: requireField('callerId'),
    async requests (bench) {
      const { username = '', callId } = readClickToCallUrl(
        extractUrl(await exchange(requestUrl(bench))) ?? '',
        { names: bench.names }
      )
      const scheme = createHashScheme(bench)
      const signCall = (callerId: string): string =>
        scheme.sign({
          username,
          callerId,
          ...bench.checkCallId && callId !== undefined && { callId }
        }, bench.key)
      const fullLength = bench.algorithm === 'sha1' ? 40 : 64
      let number = 15_550_000_000
      while (signCall(`+${number}`).length > fullLength - 2) number++
      return [requestUrl(bench, { more: { username, callerId: `+${number}` } })]
    },
    complaint: checkUrl
  },
  {
    name: 'duplicate-delivery',
    title: 'two requests for the same call',
    expected: 'accept',
    why: 'Agents click twice. Nothing in the URL is valid only once.',
    requests: bench => [requestUrl(bench), requestUrl(bench)],
    complaint: checkUrl
  },
  {
    name: 'at-once',
    title: 'two calls at once',
    expected: 'accept',
    why: 'Each URL has its own number. Nothing of one request may get into the other.',
    missingSetting: requireField('callerId'),
    together: true,
    requests: bench =>
      ['+15550000001', '+15550000002'].map(callerId => requestUrl(bench, { more: { callerId } })),
    complaint: createUrlCheck('callerId', '+15550000002')
  },
  {
    name: 'after-cut-connection',
    title: 'a request after a connection that broke',
    expected: 'accept',
    why: 'A browser that disconnects must not take the service down.',
    requests: bench => [{ ...requestUrl(bench), cut: true }, requestUrl(bench)],
    complaint: checkUrl
  },
  {
    name: 'slow-body',
    title: 'a body that arrives in pieces',
    expected: 'accept',
    why: 'Networks do that.',
    missingSetting: ({ method }) =>
      method === 'GET' ? 'a GET has no body: LAB_METHOD=POST if the service takes one' : undefined,
    requests: bench => [{ ...requestUrl(bench), pauseMs: 100 }],
    complaint: checkUrl
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
