/* global document, fetch, AbortSignal, CustomEvent, URL */
// The service's API. Notifies the page when the session ends.
import { noteServerTime } from './clock.js'
import { t } from './strings.js'

/** In front of every path: empty, or as /cti. */
export const base = new URL('..', import.meta.url).pathname.slice(0, -1)

export class ApiError extends Error {
  constructor (status, message, code) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The code of answers that belong to a session that has ended. */
export const formerSession = 'FORMER_SESSION'
/** A request without an answer must end, so that the user, or a refresh, can try again. */
const timeoutMs = 30_000
const sessionPath = '/api/agents/session'
let session = 0

/** A session begins or ends: answers to earlier requests no longer count. */
export function changeSession () {
  session++
}

const encode = id => encodeURIComponent(id)

export const api = {
  whoAmI: () => request(sessionPath),
  signIn: credentials => request(sessionPath, 'POST', credentials),
  signOut: () => request(sessionPath, 'DELETE'),
  work: () => request('/api/work'),
  setState: state => request('/api/agents/state', 'PUT', state),
  calls: query => request(`/api/calls?${new URLSearchParams(query)}`),
  call: id => request(`/api/calls/${encode(id)}`),
  dial: number => request('/api/calls', 'POST', { number }),
  accept: id => request(`/api/calls/${encode(id)}/accept`, 'POST', {}),
  close: id => request(`/api/calls/${encode(id)}/close`, 'POST', {}),
  wrapUp: (id, wrapUp) => request(`/api/calls/${encode(id)}/wrap-up`, 'PUT', wrapUp),
  screenPop: id => request(`/api/calls/${encode(id)}/screen-pop`, 'POST', {}),
  timeline: (number, query) =>
    request(`/api/customers/${encode(number)}/timeline?${new URLSearchParams(query)}`),
  chats: () => request('/api/chats'),
  conversations: () => request('/api/conversations'),
  conversation: (id, query) =>
    request(`/api/conversations/${encode(id)}?${new URLSearchParams(query)}`),
  answer: (id, message) => request(`/api/conversations/${encode(id)}/messages`, 'POST', message),
  linkConversation: (id, number) =>
    request(`/api/conversations/${encode(id)}/customer`, 'PUT', { number }),
  overview: start => request(`/api/overview?start=${start}`)
}

async function request (path, method = 'GET', body) {
  const options = { method, headers: {}, signal: AbortSignal.timeout(timeoutMs) }
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json'
    options.body = JSON.stringify(body)
  }
  const sentAt = Date.now()
  const sentIn = session
  const response = await fetch(base + path, options).catch(() => null)
  // Null if the connection broke, or if an error is not JSON.
  const responseBody = await response?.json().catch(() => null) ?? null
  // Another agent may have signed in since: this answer must neither be shown nor end that session.
  if (sentIn !== session && path !== sessionPath) {
    throw new ApiError(401, t('sessionIsOver'), formerSession)
  }
  const isBroken = response === null ||
    (response.ok && response.status !== 204 && responseBody === null)
  if (isBroken) throw new ApiError(0, t('noAnswer'))
  noteServerTime(response.headers.get('date'), sentAt)
  if (response.ok) return responseBody
  if (response.status === 401 && path !== sessionPath) {
    document.dispatchEvent(new CustomEvent('signed-out'))
    throw new ApiError(401, t('sessionIsOver'), formerSession)
  }
  throw new ApiError(
    response.status,
    responseBody?.message ?? t('answered', { status: response.status }),
    responseBody?.code
  )
}
