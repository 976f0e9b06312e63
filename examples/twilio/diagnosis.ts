import { createHash, createHmac } from 'node:crypto'
import {
  type Diagnosis,
  type HttpMessage,
  otherOrders,
  type Variant,
  valueMistakes
} from 'fastify-contact-center/explain'
import { paramsOf, paramsText } from './params.ts'
import type { TwilioInput } from './scheme.ts'
import { signedUrls } from './urls.ts'

/** What goes wrong between Twilio and a server: nearly always the URL. */
export const diagnosis: Diagnosis<TwilioInput> = {
  spelling: 'base64',
  digest: (message, key) => createHmac('sha1', key).update(message).digest(),
  otherDigests: [
    {
      code: 'hash-algorithm',
      text: 'It is an HMAC-SHA-256.',
      fix: 'Use HMAC-SHA-1.',
      digest: (message, key) => createHmac('sha256', key).update(message).digest()
    },
    {
      code: 'hash-not-hmac',
      text: 'It is a plain SHA-1 and no HMAC.',
      fix: 'Use HMAC-SHA-1 with the auth token as its key.',
      digest: (message, key) => createHash('sha1').update(message).update(key).digest()
    }
  ],
  *variants ({ url, params = {}, body }) {
    const lists = Object.fromEntries(
      Object.entries(params).map(([name, values]) => [name, [values].flat()])
    )
    const fields = body === undefined ? paramsText(lists) : ''
    for (const { message, ...reason } of otherUrls(url)) {
      yield { ...reason, message: message + fields }
    }
    if (fields !== '') yield* otherFields(url, lists)
  },
  extract: (request) => ({
    input: inputOf(request),
    signature: request.headers.get('x-twilio-signature') ?? ''
  })
}

function* otherUrls (url: string): Generator<Variant & { message: string }> {
  const [start = '', query] = url.split('?')
  const behind = query === undefined ? '' : `?${query}`
  const other = start.startsWith('https:')
    ? start.replace('https:', 'http:')
    : start.replace('http:', 'https:')
  yield {
    code: 'url-protocol',
    text: 'It is signed for the other one of http and https.',
    fix: 'Set publicUrl to the address as Twilio has it: a proxy in front ends TLS.',
    message: other + behind
  }
  const slashed = start.endsWith('/') ? start.slice(0, -1) : `${start}/`
  yield {
    code: 'url-slash',
    text: 'It is signed with another slash at the end of the path.',
    fix: 'Configure at Twilio the very URL of the route: a proxy or framework rewrote it.',
    message: slashed + behind
  }
  if (query !== undefined) {
    yield {
      code: 'url-query',
      text: 'The query is not signed.',
      fix: 'Sign the whole URL, its query included.',
      message: start
    }
  }
  for (const escaped of signedUrls(url, false)) {
    yield {
      code: 'url-escaped',
      text: 'The URL is signed in another escaping than the one that was called.',
      fix: 'Escape in the URL at Twilio what a URL parser escapes, or register with strict: false.',
      message: escaped
    }
  }
}

function* otherFields (url: string, params: Record<string, string[]>): Generator<Variant> {
  const pairs = Object.entries(params).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value])
  )
  yield {
    code: 'params-missing',
    text: 'The fields of the form are not signed.',
    fix: 'Append each name and value, sorted by name, to the URL.',
    message: url
  }
  for (const { reason, items } of otherOrders(pairs, ([name]) => name)) {
    yield {
      ...reason,
      message: url + items.map(pair => pair.join('')).join('')
    }
  }
  yield {
    code: 'params-form',
    text: 'The form is signed as it is sent.',
    fix: 'Sign decoded names and values with nothing between them.',
    message: url + new URLSearchParams(pairs).toString()
  }
  for (const { of, ...reason } of valueMistakes) {
    yield {
      ...reason,
      message: url +
        paramsText(
          Object.fromEntries(Object.entries(params).map(([name, values]) => [name, values.map(of)]))
        )
    }
  }
}

function inputOf ({ target, headers, body }: HttpMessage): TwilioInput {
  const url = `https://${headers.get('host') ?? ''}${target}`
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')) {
    return body.length === 0 ? { url } : { url, body }
  }
  return { url, params: paramsOf(Buffer.from(body).toString()) }
}
