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
    title: 'a genuine URL for a call',
    expected: 'accept',
    why: 'With a wrong hash, CSC does not sign the agent in.',
    requests: bench => [requestUrl(bench)],
    complaint: checkUrl
  },
  {
    name: 'secret-stays',
    title: 'the key in the answer',
    expected: 'accept',
    why: 'Anybody with the key can sign in as any agent.',
    requests: bench => [requestUrl(bench)],
    complaint: ({ headers, text }, { key }) =>
      `${headers.location} ${text}`.includes(key) ? 'The answer contains the key.' : undefined
  },
  {
    name: 'not-kept',
    title: 'the cache headers of the URL',
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
    title: 'a visitor without a session',
    expected: 'refuse',
    why: 'The URL signs an agent in, so only that agent may receive it.',
    missingSetting: ({ cookie }) => cookie === undefined ? 'no agent cookie is set' : undefined,
    requests: bench => [requestUrl(bench, { asGuest: true })]
  },
  createFieldFault(
    'callerId',
    'plus',
    'a number with a plus sign',
    '+821012345678',
    'A plus sign that is not percent-encoded arrives as a space.'
  ),
  createFieldFault(
    'callerId',
    'spaces',
    'a number with spaces',
    '+1 555 123 4567',
    'The hash must cover the number as sent, spaces included, or the service must refuse it.',
    'either'
  ),
  createFieldFault(
    'callerId',
    'long-number',
    'a number of 19 digits',
    '1197765398201387013',
    'A phone number is a string. A double loses the last digits.',
    'either'
  ),
  createFieldFault(
    'callerId',
    'null',
    'the word "null" as the number',
    'null',
    'The service must treat it as any other string, or refuse it.',
    'either'
  ),
  createFieldFault(
    'callId',
    'call-id',
    'a call id with & and =',
    'a&b=c',
    'The value must not start another parameter. The service may refuse it.',
    'either'
  ),
  createFieldFault(
    'username',
    'non-ascii',
    "an agent's name with an accent",
    'Renée',
    'CSC hashes as many bytes as the text has UTF-16 units. The service may refuse such names.',
    'either'
  ),
  createFieldFault(
    'username',
    'odd-name',
    "an agent's name with ( ) ~ '",
    "j.doe (sales)*~!'",
    'The service must encode the name as in a form, or refuse it.',
    'either'
  ),
  {
    name: 'two-numbers',
    title: 'a second number at the end of the query',
    expected: 'either',
    why:
      'A proxy may have checked the other number. The service must use one of them or refuse, and never sign a URL with both.',
    missingSetting: bench =>
      requireField('callerId')(bench) ??
        (numberParameter(bench) === undefined
          ? '{callerId} is outside the query of the target'
          : undefined),
    requests: bench => [requestUrl(bench, { query: `&${numberParameter(bench)}=%2B15550000000` })],
    complaint: (answer, bench) =>
      answer.status !== null && answer.status >= 400 ? undefined : checkUrl(answer, bench)
  },
  {
    name: 'short-hash',
    title: 'a number with a hash that begins with zeros',
    expected: 'accept',
    why:
      'One hash in 256 begins with two zeros, and CSC drops them. A service that keeps them fails for these calls.',
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
    why: 'Agents click twice. A URL may be used more than once.',
    requests: bench => [requestUrl(bench), requestUrl(bench)],
    complaint: checkUrl
  },
  {
    name: 'at-once',
    title: 'two calls at once',
    expected: 'accept',
    why: 'Each URL must have its own number.',
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
    why: 'A browser that disconnects must not crash the service.',
    requests: bench => [{ ...requestUrl(bench), cut: true }, requestUrl(bench)],
    complaint: checkUrl
  },
  {
    name: 'slow-body',
    title: 'a body that arrives in pieces',
    expected: 'accept',
    why: 'Networks split bodies.',
    missingSetting: ({ method }) =>
      method === 'GET'
        ? 'a GET has no body: set LAB_METHOD=POST if the service accepts POST'
        : undefined,
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
