import { createHash, createHmac } from 'node:crypto'
import {
  bodyMistakes,
  type Diagnosis,
  type HttpMessage,
  otherOrders,
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
        text: `It is an HMAC with ${algorithm.toUpperCase().replace('SHA', 'SHA-')}.`,
        fix: 'Use HMAC-SHA-1. A webhooks rule with a shared key of its own is not supported.',
        digest: (message: string | Uint8Array, key: string | Uint8Array) =>
          createHmac(algorithm, key).update(message).digest()
      })),
      {
        code: 'hash-not-hmac',
        text: 'It is a plain SHA-1, not an HMAC.',
        fix: 'Use HMAC-SHA-1 with the auth token as the key.',
        digest: (message, key) => createHash('sha1').update(message).update(key).digest()
      },
      {
        code: 'hash-not-hmac',
        text: 'It is a plain SHA-1, not an HMAC.',
        fix: 'Use HMAC-SHA-1 with the auth token as the key.',
        digest: (message, key) => createHash('sha1').update(key).update(message).digest()
      },
      {
        code: 'hmac-swapped',
        text: 'The key and the text are swapped in the HMAC.',
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
        text: 'It is signed for the address in the Host header, which differs from publicUrl.',
        fix: 'Set publicUrl to the address that Twilio calls.',
        message
      }
    }
  }
  yield {
    code: 'url-protocol',
    text: 'It is signed for http instead of https, or the reverse.',
    fix: 'Set publicUrl to the address that Twilio calls: a proxy in front terminates TLS.',
    message: (/^https:/i.test(start)
      ? start.replace(/^https:/i, 'http:')
      : start.replace(/^http:/i, 'https:')) + querySuffix
  }
  for (const port of [3000, 5000, 8000, 8080, 8443]) {
    yield {
      code: 'url-port',
      text: `It is signed with the port ${port}.`,
      fix: 'Set publicUrl to the address that Twilio calls, not to that of the process.',
      message: start.replace(/^(https?:\/\/[^/:]+)(?::[0-9]+)?/i, `$1:${port}`) + querySuffix
    }
  }
  yield {
    code: 'url-slash',
    text: 'A slash at the end of the path was added or removed.',
    fix: 'Configure the exact URL of the route at Twilio: a proxy or framework rewrote it.',
    message: (start.endsWith('/') ? start.slice(0, -1) : `${start}/`) + querySuffix
  }
  if (query !== undefined) {
    yield {
      code: 'url-query',
      text: 'The query is not signed.',
      fix: 'Sign the whole URL, its query included.',
      message: start
    }
    yield {
      code: 'url-query-sorted',
      text: 'The query was sorted before it was signed.',
      fix: 'Sign the URL as it is called: only the fields of a form are sorted.',
      message: `${start}?${query.split('&').sort().join('&')}`
    }
  }
  const decoded = decodeUrl(url)
  if (decoded !== undefined) {
    yield {
      code: 'url-decoded',
      text: 'The URL was decoded before it was signed.',
      fix: 'Sign the URL as it is called, its escapes included.',
      message: decoded
    }
  }
  for (const escaped of signedUrls(url, false)) {
    yield {
      code: 'url-escaped',
      text: 'The signed URL is escaped differently from the one that was called.',
      fix: 'Escape the URL at Twilio as a URL parser does, or register with strict: false.',
      message: escaped
    }
  }
  yield {
    code: 'url-path-only',
    text: 'Only path and query are signed.',
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
    text: 'The fields of the form are not signed.',
    fix: form,
    message: url
  }
  for (const { reason, items } of otherOrders(pairs, ([name]) => name)) {
    yield { ...reason, message: url + items.map(pair => pair.join('')).join('') }
  }
  yield {
    code: 'params-empty',
    text: 'Fields without a value are not signed.',
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
        text: 'The raw form is signed, not its decoded fields.',
        fix: form,
        message
      }
    }
  }
  yield {
    code: 'params-json',
    text: 'The fields of the form are signed as JSON.',
    fix: form,
    message: url + JSON.stringify(Object.fromEntries(pairs))
  }
  for (const { of, ...reason } of valueMistakes) {
    yield {
      ...reason,
      message: url +
        paramsText(
          Object.fromEntries(
            Object.entries(params).map(([name, values]) => [name, values.map(of)])
          )
        )
    }
  }
}

/** Clients that sign a JSON body itself. */
function* otherBodies (url: string, body: string): Generator<Variant> {
  const reason = {
    code: 'body-signed',
    text: 'The body itself is signed, after the URL or alone.',
    fix: "Put the body's SHA-256 in hex into the query as bodySHA256, and sign the URL alone."
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
  for (const [other, mistake] of bodyMistakes(text)) {
    if (hash(other).toString('hex') === receivedHash) return [mistake]
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
