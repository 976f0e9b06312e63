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

const encode = id => encodeURIComponent(id)

export const api = {
  whoAmI: () => request('/api/agents/session'),
  signIn: credentials => request('/api/agents/session', 'POST', credentials),
  signOut: () => request('/api/agents/session', 'DELETE'),
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
  const options = { method, headers: {} }
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json'
    options.body = JSON.stringify(body)
  }
  let response
  try {
    response = await fetch(base + path, options)
  } catch {
    throw new ApiError(0, t('noAnswer'))
  }
  const responseBody = response.status === 204 ? null : await response.json().catch(() => null)
  if (response.ok) return responseBody
  if (response.status === 401 && path !== '/api/agents/session') {
    document.dispatchEvent(new CustomEvent('signed-out'))
    throw new ApiError(401, t('sessionIsOver'))
  }
  throw new ApiError(
    response.status,
    responseBody?.message ?? t('answered', { status: response.status }),
    responseBody?.code
  )
}
