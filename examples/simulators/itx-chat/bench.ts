import { createScheme, diagnosis } from 'fastify-contact-center/itx-chat'
import { explainSignature, readBody } from '../shared/explain-signed.ts'
import type { Fault } from '../shared/faults.ts'
import { omitEmpty, type ValuesOf } from '../shared/settings.ts'
import {
  getRequest,
  jsonPost,
  parseObject,
  type WireAnswer,
  type WireRequest
} from '../shared/wire.ts'
import type { itxChatSettings } from './settings.ts'

/** A service under test that signs chat sessions, and the lab's settings for it. */
export interface ItxChatBench {
  /** Returns the signed session as JSON. */
  readonly url: string
  /** With POST, the service signs the given sessions; with GET, the visitor's own. */
  readonly method: 'GET' | 'POST'
  readonly secret: string
  readonly oldSecret?: string
  /** The Cookie header of a signed-in member. */
  readonly cookie?: string
}

export type ItxFault = Fault<ItxChatBench>

export function itxChatBench (
  { sessionUrl: url, method, secret, oldKey: oldSecret, cookie }: ValuesOf<typeof itxChatSettings>
): ItxChatBench {
  return { url, method: method as 'GET' | 'POST', secret, ...omitEmpty({ oldSecret, cookie }) }
}

const scheme = createScheme({ strict: false })

export function requestSession (
  { url, method, cookie }: ItxChatBench,
  session: string = '{"verifiedData":{"name":"Kari"}}',
  asGuest = false
): WireRequest {
  const headers = cookie === undefined || asGuest ? [] : [['Cookie', cookie] as const]
  return method === 'GET' ? getRequest(url, headers) : jsonPost(url, session, headers)
}

/** The reason why the service cannot sign the lab's sessions. */
export function requirePost ({ method }: ItxChatBench): string | undefined {
  return method === 'GET'
    ? 'LAB_METHOD is GET: set LAB_METHOD=POST if the service signs posted sessions'
    : undefined
}

/** Checks that the session carries the hash of its content. */
export function checkHash (
  { text }: WireAnswer,
  { secret, oldSecret }: ItxChatBench
): string | undefined {
  const session = parseObject(text)
  if (session === undefined) {
    return 'The answer must be a JSON object for window.itxChat.'
  }
  if (typeof session['extSystemHash'] !== 'string') return 'extSystemHash is missing.'
  return explainSignature({
    scheme,
    diagnosis,
    key: secret,
    ...oldSecret !== undefined && { oldKey: oldSecret }
  }, () => readBody(diagnosis, text))
}

/** A session to sign, as JSON text. The response must contain it and its hash. */
export function createChallenge (
  name: string,
  title: string,
  session: string,
  why: string,
  expected: 'accept' | 'either' = 'accept'
): ItxFault {
  return {
    name,
    title,
    expected,
    why,
    missingSetting: requirePost,
    requests: bench => [requestSession(bench, session)],
    complaint: createAnswerCheck(session)
  }
}

export function createAnswerCheck (session: string) {
  return (answer: WireAnswer, bench: ItxChatBench): string | undefined => {
    if (answer.status === null || answer.status >= 400) return undefined
    return checkHash(answer, bench) ?? findLostNames(session, answer.text)
  }
}

/** The sent names missing from the response. The hash covers the values. */
function findLostNames (sent: string, received: string): string | undefined {
  const listNames = (text: string): string[] =>
    Object.entries(parseObject(text) ?? {}).flatMap(([name, value]) =>
      name === 'verifiedData' ? Object.keys(value as object) : [name]
    )
  const missing = listNames(sent).filter(name => !listNames(received).includes(name))
  return missing.length === 0 ? undefined : `The answer lacks ${missing.join(', ')}.`
}
