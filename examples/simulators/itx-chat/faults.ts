import { createScheme } from 'fastify-contact-center/itx-chat'
import { faultOfSignature, readBody } from '../shared/explain-signed.ts'
import { type Fault, readStatus, type Suite } from '../shared/faults.ts'
import { get, jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'

/** A service that signs chat sessions, and what the lab may know about it. */
export interface ItxChatBench {
  /** Gives the signed session as JSON. */
  readonly url: string
  /** With POST the service is given sessions to sign; with GET it signs the visitor's own. */
  readonly method: 'GET' | 'POST'
  readonly secret: string
  readonly oldSecret?: string
  /** The Cookie header of a member who is signed in. */
  readonly cookie?: string
}

type ItxFault = Fault<ItxChatBench>

const scheme = createScheme({ strict: false })

function ask ({ url, method, cookie }: ItxChatBench, session: string = '{"verifiedData":{"name":"Kari"}}', asGuest = false): WireRequest {
  const headers = cookie === undefined || asGuest ? [] : [['Cookie', cookie] as const]
  return method === 'GET' ? get(url, headers) : jsonPost(url, session, headers)
}

/** The session must carry the hash of what it holds. */
function wrongHash ({ text }: WireAnswer, { secret, oldSecret }: ItxChatBench): string | undefined {
  const session = objectIn(text)
  if (session === undefined) return 'The answer must be a JSON object, as it goes to window.itxChat.'
  if (typeof session['extSystemHash'] !== 'string') return 'extSystemHash is missing.'
  return faultOfSignature({ scheme, key: secret, ...oldSecret !== undefined && { oldKey: oldSecret } }, () => readBody(scheme, text))
}

/** A session to sign, as JSON text; what comes back must hold it and its hash. */
function challenge (name: string, title: string, session: string, why: string, expected: 'accept' | 'either' = 'accept'): ItxFault {
  return {
    name,
    title,
    expected,
    why,
    lacks: ({ method }) => method === 'GET' ? 'the service takes no sessions to sign: LAB_METHOD=POST if it does' : undefined,
    requests: bench => [ask(bench, session)],
    complaint (answer, bench) {
      if (answer.status === null || answer.status >= 400) return undefined
      return wrongHash(answer, bench) ?? lost(session, answer.text)
    }
  }
}

/** Names of what was sent and did not come back. Values are left to the hash. */
function lost (sent: string, received: string): string | undefined {
  const names = (text: string): string[] => Object.entries(objectIn(text) ?? {}).flatMap(([name, value]) => name === 'verifiedData' ? Object.keys(value as object) : [name])
  const missing = names(sent).filter(name => !names(received).includes(name))
  return missing.length === 0 ? undefined : `The session came back without ${missing.join(', ')}.`
}

const faults: ItxFault[] = [
  { name: 'genuine', title: 'a session as the widget gets it', expected: 'accept', why: 'With a wrong hash the portal\'s agent sees a warning.', requests: bench => [ask(bench)], complaint: wrongHash },
  { name: 'secret-stays', title: 'the secret in the answer', expected: 'accept', why: 'Who has the secret is whoever they want to be.', requests: bench => [ask(bench)], complaint: ({ text }, { secret }) => text.includes(secret) ? 'The answer holds the secret.' : undefined },
  {
    name: 'not-kept',
    title: 'whether a cache may keep the session',
    expected: 'accept',
    why: 'A shared cache would hand one member\'s session to the next.',
    requests: bench => [ask(bench)],
    complaint: ({ headers }, { method }) => method === 'POST' || /no-store|private/.test(headers['cache-control'] ?? '') ? undefined : 'The answer needs Cache-Control: no-store.'
  },
  {
    name: 'guest',
    title: 'a visitor who is not signed in',
    expected: 'either',
    why: 'A guest must not be shown as a verified member.',
    lacks: ({ cookie }) => cookie === undefined ? 'no cookie of a member is set' : undefined,
    requests: bench => [ask(bench, '{}', true)],
    complaint: ({ status, text }) => status === 200 && Object.keys(objectIn(text)?.['verifiedData'] ?? {}).length > 0 ? 'A guest got verified data.' : undefined
  },
  challenge('reordered-fields', 'fields in capitals and in no order', '{"verifiedData":{"zeta":"1","Alpha":"2","_x":"3","beta":"4"}}', 'Entries are sorted by code unit: a sort by locale puts them elsewhere.'),
  challenge('secret-between', 'names on both sides of any secret', '{"verifiedData":{" ":"1","~":"2"}}', 'The secret is sorted among the entries, not put at an end.'),
  challenge('non-ascii', 'Korean, accents and an emoji', '{"verifiedData":{"name":"Åse 홍길동 😀"}}', 'The joined text is UTF-8.'),
  challenge('spaces', 'spaces at both ends of a value', '{"verifiedData":{"name":"  Kari  Nordmann "}}', 'Values are hashed as they are sent, never trimmed.'),
  challenge('null', 'null and empty values', '{"verifiedData":{"name":null,"tag":""}}', 'Inside of verifiedData null is the word null, and empty stays.'),
  challenge('nested', 'an object and a list inside', '{"verifiedData":{"meta":{"a":1,"b":["x",null]}}}', 'Nested values are hashed as compact JSON.'),
  challenge('long-number', 'a number of 19 digits', '{"verifiedData":{"order":1197765398201387013}}', 'What is hashed must be what is sent: the digits that a double keeps, or all of them.'),
  challenge('number-spelling', '1.0 and 1e3 for numbers', '{"verifiedData":{"score":1.0,"limit":1e3}}', 'What is hashed must be what is sent.'),
  challenge('markup', 'the end of a script element in a name', '{"verifiedData":{"name":"</script><script>alert(1)</script>&amp;"}}', 'It is escaped for the page, not for the hash.'),
  challenge('root-values', 'values beside verifiedData', '{"verifiedData":{"name":"Kari"},"extSystemTag":"CRM","extSystemId":"12"}', 'Root values are hashed bare, without their names.'),
  challenge('separators', '- and : inside of a value', '{"verifiedData":{"name":"a-b:c"}}', 'The joined text has no escapes, so such values may be refused; signed they must be right.', 'either')
]

export const itxChatSuite: Suite<ItxChatBench> = { vendor: 'itx-chat', faults, read: readStatus }
