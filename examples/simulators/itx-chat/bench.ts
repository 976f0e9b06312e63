import { createScheme, diagnosis } from 'fastify-contact-center/itx-chat'
import { faultOfSignature, readBody } from '../shared/explain-signed.ts'
import type { Fault } from '../shared/faults.ts'
import { filled, type ValuesOf } from '../shared/settings.ts'
import { get, jsonPost, objectIn, type WireAnswer, type WireRequest } from '../shared/wire.ts'
import type { itxChatSettings } from './settings.ts'

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

export type ItxFault = Fault<ItxChatBench>

export function itxChatBench (
  { sessionUrl: url, method, secret, oldKey: oldSecret, cookie }: ValuesOf<typeof itxChatSettings>
): ItxChatBench {
  return { url, method: method as 'GET' | 'POST', secret, ...filled({ oldSecret, cookie }) }
}

const scheme = createScheme({ strict: false })

export function ask (
  { url, method, cookie }: ItxChatBench,
  session: string = '{"verifiedData":{"name":"Kari"}}',
  asGuest = false
): WireRequest {
  const headers = cookie === undefined || asGuest ? [] : [['Cookie', cookie] as const]
  return method === 'GET' ? get(url, headers) : jsonPost(url, session, headers)
}

/** Why sessions of the lab's cannot be had signed. */
export function takesNoSessions ({ method }: ItxChatBench): string | undefined {
  return method === 'GET'
    ? 'the service accepts no sessions to sign: set LAB_METHOD=POST if it does'
    : undefined
}

/** The session must carry the hash of what it holds. */
export function wrongHash (
  { text }: WireAnswer,
  { secret, oldSecret }: ItxChatBench
): string | undefined {
  const session = objectIn(text)
  if (session === undefined) {
    return 'The answer must be a JSON object for window.itxChat.'
  }
  if (typeof session['extSystemHash'] !== 'string') return 'extSystemHash is missing.'
  return faultOfSignature({
    scheme,
    diagnosis,
    key: secret,
    ...oldSecret !== undefined && { oldKey: oldSecret }
  }, () => readBody(diagnosis, text))
}

/** A session to sign, as JSON text; what comes back must hold it and its hash. */
export function challenge (
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
    lacks: takesNoSessions,
    requests: bench => [ask(bench, session)],
    complaint: wrongAnswerTo(session)
  }
}

export function wrongAnswerTo (session: string) {
  return (answer: WireAnswer, bench: ItxChatBench): string | undefined => {
    if (answer.status === null || answer.status >= 400) return undefined
    return wrongHash(answer, bench) ?? lost(session, answer.text)
  }
}

/** Names of what was sent and did not come back. Values are left to the hash. */
function lost (sent: string, received: string): string | undefined {
  const names = (text: string): string[] =>
    Object.entries(objectIn(text) ?? {}).flatMap(([name, value]) =>
      name === 'verifiedData' ? Object.keys(value as object) : [name]
    )
  const missing = names(sent).filter(name => !names(received).includes(name))
  return missing.length === 0 ? undefined : `The session came back without ${missing.join(', ')}.`
}
