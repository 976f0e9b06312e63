/* global document, fetch, CustomEvent, URL */
// The service's API. Notifies the page when the session ends.
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

const of = id => encodeURIComponent(id)

export const api = {
  whoAmI: () => call('/api/agents/session'),
  signIn: credentials => call('/api/agents/session', 'POST', credentials),
  signOut: () => call('/api/agents/session', 'DELETE'),
  work: () => call('/api/work'),
  setState: state => call('/api/agents/state', 'PUT', state),
  calls: query => call(`/api/calls?${new URLSearchParams(query)}`),
  call: id => call(`/api/calls/${of(id)}`),
  dial: number => call('/api/calls', 'POST', { number }),
  accept: id => call(`/api/calls/${of(id)}/accept`, 'POST', {}),
  close: id => call(`/api/calls/${of(id)}/close`, 'POST', {}),
  wrapUp: (id, wrapUp) => call(`/api/calls/${of(id)}/wrap-up`, 'PUT', wrapUp),
  screenPop: id => call(`/api/calls/${of(id)}/screen-pop`, 'POST', {}),
  timeline: (number, query) =>
    call(`/api/customers/${of(number)}/timeline?${new URLSearchParams(query)}`),
  chats: () => call('/api/chats'),
  conversations: () => call('/api/conversations'),
  conversation: (id, query) => call(`/api/conversations/${of(id)}?${new URLSearchParams(query)}`),
  answer: (id, message) => call(`/api/conversations/${of(id)}/messages`, 'POST', message),
  linkConversation: (id, number) =>
    call(`/api/conversations/${of(id)}/customer`, 'PUT', { number }),
  overview: start => call(`/api/overview?start=${start}`)
}

async function call (path, method = 'GET', body) {
  const options = { method, headers: {} }
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json'
    options.body = JSON.stringify(body)
  }
  let answer
  try {
    answer = await fetch(base + path, options)
  } catch {
    throw new ApiError(0, t('noAnswer'))
  }
  const content = answer.status === 204 ? null : await answer.json().catch(() => null)
  if (answer.ok) return content
  if (answer.status === 401 && path !== '/api/agents/session') {
    document.dispatchEvent(new CustomEvent('signed-out'))
    throw new ApiError(401, t('sessionIsOver'))
  }
  throw new ApiError(
    answer.status,
    content?.message ?? t('answered', { status: answer.status }),
    content?.code
  )
}
