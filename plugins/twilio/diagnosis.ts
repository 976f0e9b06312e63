import { createHash, createHmac } from 'node:crypto'
import {
  bodyMistakes,
  type Diagnosis,
  type HttpMessage,
  otherOrders,
  plusMistakes,
  type Reason,
  type Variant,
  valueMistakes
} from '../kit/explain/index.ts'
import { paramsOf, paramsText, readParams } from './params.ts'
import { bodyHashes, type TwilioInput } from './scheme.ts'
import { signedUrls } from './urls.ts'

/** The input with the address that the request itself claims, which verifying ignores. */
interface TwilioMessage extends TwilioInput {
  calledUrl?: string
}

const form = 'Append each name and value, decoded and sorted by name, to the URL.'

/** Known mistakes between Twilio and a server: nearly always the URL. */
export function createDiagnosis (
  { publicUrl }: { publicUrl?: string } = {}
): Diagnosis<TwilioInput> {
  return {
    spelling: 'base64',
    digest: (message, key) => createHmac('sha1', key).update(message).digest(),
    otherDigests: [
      ...['sha256', 'md5', 'sha512'].map(algorithm => ({
        code: 'hash-algorithm',
        text: `The signature is an HMAC with ${algorithm.toUpperCase().replace('SHA', 'SHA-')}.`,
        fix:
          'Use HMAC-SHA-1. The plugin does not support webhook rules with a shared key of their own.',
        digest: (message: string | Uint8Array, key: string | Uint8Array) =>
          createHmac(algorithm, key).update(message).digest()
      })),
      {
        code: 'hash-not-hmac',
        text: 'The signature is a plain SHA-1, not an HMAC.',
        fix: 'Use HMAC-SHA-1 with the auth token as the key.',
        digest: (message, key) => createHash('sha1').update(message).update(key).digest()
      },
      {
        code: 'hash-not-hmac',
        text: 'The signature is a plain SHA-1, not an HMAC.',
        fix: 'Use HMAC-SHA-1 with the auth token as the key.',
        digest: (message, key) => createHash('sha1').update(key).update(message).digest()
      },
      {
        code: 'hmac-swapped',
        text: 'The HMAC has the key and the text swapped.',
        fix: 'Use the auth token as the key: libraries differ in which argument comes first.',
        digest: (message, key) => createHmac('sha1', message).update(key).digest()
      }
    ],
    reasons: bodyReasons,
    *variants (input: TwilioMessage) {
      const { url, params = {}, body, calledUrl } = input
      const lists = Object.fromEntries(
        Object.entries(readParams(params)).map(([name, values]) => [name, [values].flat()])
      )
      const fields = body === undefined ? paramsText(lists) : ''
      for (const { message, ...reason } of otherUrls(url, calledUrl)) {
        yield { ...reason, message: message + fields }
      }
      if (fields !== '') yield* otherFields(url, lists)
      if (body !== undefined) yield* otherBodies(url, Buffer.from(body).toString())
    },
    extract: request => ({
      input: readInput(request, publicUrl?.replace(/\/$/, '')),
      signature: request.headers.get('x-twilio-signature') ?? ''
    })
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

function* otherUrls (url: string, calledUrl?: string): Generator<Variant & { message: string }> {
  const [start = '', query] = url.split('?')
  const querySuffix = query === undefined ? '' : `?${query}`
  if (calledUrl !== undefined && calledUrl !== url) {
    for (const message of signedUrls(calledUrl, true)) {
      yield {
        code: 'url-host',
        text: 'The signature covers the address in the Host header, which differs from publicUrl.',
        fix: 'Set publicUrl to the address that Twilio calls.',
        message
      }
    }
  }
  yield {
    code: 'url-protocol',
    text: 'The signature covers an http URL instead of https, or the reverse.',
    fix: 'Set publicUrl to the address that Twilio calls: a proxy in front terminates TLS.',
    message: (/^https:/i.test(start)
      ? start.replace(/^https:/i, 'http:')
      : start.replace(/^http:/i, 'https:')) + querySuffix
  }
  for (const port of [3000, 5000, 8000, 8080, 8443]) {
    yield {
      code: 'url-port',
      text: `The signature covers a URL with the port ${port}.`,
      fix: 'Set publicUrl to the address that Twilio calls, not to the address of the process.',
      message: start.replace(/^(https?:\/\/[^/:]+)(?::[0-9]+)?/i, `$1:${port}`) + querySuffix
    }
  }
  yield {
    code: 'url-slash',
    text: 'The signed path has a trailing slash and the received path does not, or the reverse.',
    fix: 'Configure the exact URL of the route at Twilio: a proxy or framework rewrites it.',
    message: (start.endsWith('/') ? start.slice(0, -1) : `${start}/`) + querySuffix
  }
  if (query !== undefined) {
    yield {
      code: 'url-query',
      text: 'The signature does not cover the query.',
      fix: 'Sign the whole URL, including its query.',
      message: start
    }
    yield {
      code: 'url-query-sorted',
      text: 'The sender sorts the query before signing it.',
      fix: 'Sign the URL exactly as you call it, and sort only the fields of the form.',
      message: `${start}?${query.split('&').sort().join('&')}`
    }
  }
  const decoded = decodeUrl(url)
  if (decoded !== undefined) {
    yield {
      code: 'url-decoded',
      text: 'The sender decodes the URL before signing it.',
      fix: 'Sign the URL exactly as you call it, including its escapes.',
      message: decoded
    }
  }
  for (const escaped of signedUrls(url, false)) {
    yield {
      code: 'url-escaped',
      text: 'The signed URL and the called URL have different escapes.',
      fix: 'Escape the URL at Twilio as a URL parser does, or register with strict: false.',
      message: escaped
    }
  }
  yield {
    code: 'url-path-only',
    text: 'The signature covers only the path and the query.',
    fix: 'Sign the whole URL, with its protocol and host.',
    message: url.replace(/^[a-z]+:\/\/[^/?]*/i, '')
  }
}

function* otherFields (url: string, params: Record<string, string[]>): Generator<Variant> {
  const pairs = Object.entries(params).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value])
  )
  yield {
    code: 'params-missing',
    text: 'The signature does not cover the fields of the form.',
    fix: form,
    message: url
  }
  for (const { reason, items } of otherOrders(pairs, ([name]) => name)) {
    yield { ...reason, message: url + items.map(pair => pair.join('')).join('') }
  }
  yield {
    code: 'params-empty',
    text: 'The signature does not cover fields without a value.',
    fix: form,
    message: url + paramsText(Object.fromEntries(pairs.filter(([, value]) => value !== '')))
  }
  const encoded = new URLSearchParams(pairs)
  const sorted = new URLSearchParams(pairs)
  sorted.sort()
  for (const text of [encoded, sorted].map(String)) {
    for (const message of [url + text, `${url}?${text}`]) {
      yield {
        code: 'params-form',
        text: 'The sender signs the raw form instead of its decoded fields.',
        fix: form,
        message
      }
    }
  }
  yield {
    code: 'params-json',
    text: 'The sender signs the fields of the form as JSON.',
    fix: form,
    message: url + JSON.stringify(Object.fromEntries(pairs))
  }
  for (const { apply, ...reason } of [...plusMistakes, ...valueMistakes]) {
    yield {
      ...reason,
      message: url +
        paramsText(
          Object.fromEntries(
            Object.entries(params).map(([name, values]) => [name, values.map(apply)])
          )
        )
    }
  }
}

/** Clients that sign a JSON body itself. */
function* otherBodies (url: string, body: string): Generator<Variant> {
  const reason = {
    code: 'body-signed',
    text: 'The sender signs the body itself, after the URL or alone.',
    fix: 'Put the SHA-256 of the body, in hex, into the query as bodySHA256, and sign only the URL.'
  }
  yield { ...reason, message: url + body }
  yield { ...reason, message: body }
}

/** Why the query's bodySHA256 is not the hash of the body. */
function bodyReasons ({ url, body }: TwilioInput): Reason[] {
  if (body === undefined) return []
  const text = Buffer.from(body).toString()
  const hash = (content: string): Buffer => createHash('sha256').update(content).digest()
  const bodyHash = hash(text)
  const [receivedHash] = bodyHashes(url)
  const fix = 'Put the SHA-256 of the exact bytes that you send into bodySHA256, in lower-case hex.'
  if (receivedHash === undefined) {
    return [{ code: 'body-hash-missing', text: 'The query has no bodySHA256.', fix }]
  }
  if (receivedHash === bodyHash.toString('hex')) return []
  if (
    [bodyHash.toString('hex').toUpperCase(), bodyHash.toString('base64')].includes(receivedHash)
  ) {
    return [{ code: 'body-hash-spelling', text: 'bodySHA256 is not lower-case hex.', fix }]
  }
  for (const [mistakenText, mistake] of bodyMistakes(text)) {
    if (hash(mistakenText).toString('hex') === receivedHash) return [mistake]
  }
  return [{ code: 'body-hash', text: 'bodySHA256 is the hash of another body.', fix }]
}

function decodeUrl (url: string): string | undefined {
  try {
    const decoded = decodeURIComponent(url)
    return decoded === url ? undefined : decoded
  } catch {
    return undefined
  }
}

function readInput (
  { target, headers, body }: HttpMessage,
  publicUrl: string | undefined
): TwilioMessage {
  const calledUrl = `https://${headers.get('host') ?? ''}${target}`
  const url = publicUrl === undefined ? calledUrl : publicUrl + target
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')) {
    return { url, calledUrl, ...body.length > 0 && { body } }
  }
  return { url, calledUrl, params: paramsOf(Buffer.from(body).toString()) }
}
