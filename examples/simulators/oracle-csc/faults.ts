import { createScheme, readClickToCallUrl } from 'fastify-contact-center/oracle-csc'
import { faultOfSignature } from '../shared/explain-signed.ts'
import { type Fault, readStatus, type Suite } from '../shared/faults.ts'
import { exchange, get, jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'

/** A service that makes click-to-call URLs, and what the lab may know about it. */
export interface OracleCscBench {
  /** Gives a click-to-call URL; {username}, {callerId} and {callId} in it are filled in. */
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly key: string
  readonly oldKey?: string
  readonly checkCallId: boolean
  /** The Cookie header of an agent who is signed in. */
  readonly cookie?: string
}

type CscFault = Fault<OracleCscBench>
interface Asked { username: string, callerId: string, callId: string }

const usual: Asked = { username: 'agent1', callerId: '+15551234567', callId: 'call-1' }
const scheme = createScheme({ strict: false })

function ask ({ url, method, cookie }: OracleCscBench, more: Partial<Asked> = {}, asGuest = false): WireRequest {
  const asked = { ...usual, ...more }
  const filled = url.replaceAll(/\{(username|callerId|callId)\}/g, (_all, name: keyof Asked) => encodeURIComponent(asked[name]))
  const headers = cookie === undefined || asGuest ? [] : [['Cookie', cookie] as const]
  return method === 'GET' ? get(filled, headers) : jsonPost(filled, '{}', [['Origin', new URL(filled).origin], ...headers])
}

/** Where the browser is sent: a redirect, `{"url":"…"}`, or the URL as text. */
function urlIn ({ status, headers, text }: WireAnswer): string | undefined {
  if (status === null || status >= 400) return undefined
  const url = headers.location ?? objectIn(text)?.['url'] ?? text.trim()
  return typeof url === 'string' && URL.canParse(url) ? url : undefined
}

function wrongUrl (answer: WireAnswer, bench: OracleCscBench): string | undefined {
  const url = urlIn(answer)
  if (url === undefined) return 'The answer must be a redirect, {"url":"…"}, or the URL as text.'
  if (!/[?&]clickToCallInit=true(&|#|$)/.test(url)) return 'clickToCallInit=true is missing.'
  const { checkCallId, key, oldKey } = bench
  return faultOfSignature({ scheme, key, ...oldKey !== undefined && { oldKey } }, () => {
    const { username = '', callerId = '', callId, hash = '' } = readClickToCallUrl(url)
    return { input: { username, callerId, ...checkCallId && callId !== undefined && { callId } }, signature: hash }
  })
}

/** The field must come out of the URL as it was put into the question. */
function carries (field: keyof Asked, name: string, title: string, value: string, why: string, expected: 'accept' | 'either' = 'accept'): CscFault {
  return {
    name,
    title,
    expected,
    why,
    lacks: ({ url }) => url.includes(`{${field}}`) ? undefined : `the target has no {${field}}`,
    requests: bench => [ask(bench, { [field]: value })],
    complaint (answer, bench) {
      if (answer.status === null || answer.status >= 400) return undefined
      return wrongUrl(answer, bench) ?? (readClickToCallUrl(urlIn(answer) ?? '')[field] === value ? undefined : `The URL carries another ${field}.`)
    }
  }
}

const faults: CscFault[] = [
  { name: 'genuine', title: 'the URL for a call', expected: 'accept', why: 'CSC signs the agent in by it, or refuses.', requests: bench => [ask(bench)], complaint: wrongUrl },
  { name: 'secret-stays', title: 'the key in the answer', expected: 'accept', why: 'Who has the key signs in as any agent.', requests: bench => [ask(bench)], complaint: ({ headers, text }, { key }) => `${headers.location} ${text}`.includes(key) ? 'The answer holds the key.' : undefined },
  { name: 'not-kept', title: 'whether a cache may keep the URL', expected: 'accept', why: 'The URL is a credential.', requests: bench => [ask(bench)], complaint: ({ headers }, { method }) => method === 'POST' || /no-store|private/.test(headers['cache-control'] ?? '') ? undefined : 'The answer needs Cache-Control: no-store.' },
  {
    name: 'guest',
    title: 'somebody who is not signed in',
    expected: 'refuse',
    why: 'The URL signs an agent in, so only that agent may get it.',
    lacks: ({ cookie }) => cookie === undefined ? 'no cookie of an agent is set' : undefined,
    requests: bench => [ask(bench, {}, true)]
  },
  carries('callerId', 'plus', 'a number with a plus sign', '+821012345678', 'A plus sign that is not percent-encoded arrives as a blank.'),
  carries('callerId', 'spaces', 'a number with blanks', '+1 555 123 4567', 'What is signed is what is sent, blanks and all; or such numbers are refused.', 'either'),
  carries('callerId', 'long-number', 'a number of 19 digits', '1197765398201387013', 'A number is text: a double loses its last digits.', 'either'),
  carries('callId', 'call-id', 'a call id with & and = in it', 'a&b=c', 'It must not end one parameter and begin another; or it is refused.', 'either'),
  carries('username', 'non-ascii', 'an agent with an accent', 'Renée', 'CSC hashes as many bytes as the text has UTF-16 units; or such names are refused.', 'either'),
  carries('username', 'odd-name', 'an agent\'s name with ( ) ~ \' in it', 'j.doe (sales)*~!\'', 'Encoded as in a form; or such names are refused.', 'either'),
  {
    name: 'short-hash',
    title: 'a number whose hash begins with zeros',
    expected: 'accept',
    why: 'One hash in 256 begins with two of them, which CSC\'s own code drops; a service that writes it otherwise than hex fails then.',
    lacks: ({ url }) => url.includes('{callerId}') ? undefined : 'the target has no {callerId}',
    async requests (bench) {
      const { username = '', callId } = readClickToCallUrl(urlIn(await exchange(ask(bench))) ?? '')
      const signed = (callerId: string): string => scheme.sign({ username, callerId, ...bench.checkCallId && callId !== undefined && { callId } }, bench.key)
      let number = 15_550_000_000
      while (signed(`+${number}`).length > 38) number++
      return [ask(bench, { username, callerId: `+${number}` })]
    },
    complaint: wrongUrl
  }
]

export const oracleCscSuite: Suite<OracleCscBench> = { vendor: 'oracle-csc', faults, read: readStatus }
