/* global document, fetch, CustomEvent */
// The service's API. A session that is over is told to the page.

class ApiError extends Error {
  constructor (status, message) {
    super(message)
    this.status = status
  }
}

export const sessionIsOver = 'Your session is over. Sign in again'
export const noAnswer = 'The service does not answer. Try again in a moment'

export const api = {
  whoAmI: () => call('/api/agents/session'),
  signIn: credentials => call('/api/agents/session', 'POST', credentials),
  signOut: () => call('/api/agents/session', 'DELETE'),
  calls: query => call(`/api/calls?${new URLSearchParams(query)}`),
  call: id => call(`/api/calls/${encodeURIComponent(id)}`),
  dial: number => call('/api/calls', 'POST', { number }),
  screenPop: id => call(`/api/calls/${encodeURIComponent(id)}/screen-pop`, 'POST', {}),
  chats: () => call('/api/chats')
}

async function call (path, method = 'GET', body) {
  const options = { method, headers: {} }
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json'
    options.body = JSON.stringify(body)
  }
  let answer
  try {
    answer = await fetch(path, options)
  } catch {
    throw new ApiError(0, noAnswer)
  }
  const content = answer.status === 204 ? null : await answer.json().catch(() => null)
  if (answer.ok) return content
  if (answer.status === 401 && path !== '/api/agents/session') {
    document.dispatchEvent(new CustomEvent('signed-out'))
    throw new ApiError(401, sessionIsOver)
  }
  throw new ApiError(answer.status, content?.message ?? `The service answered ${answer.status}`)
}
