import { createHash, createHmac } from 'node:crypto'
import { parse } from 'node:querystring'
import formbody from '@fastify/formbody'
import twilio from 'fastify-contact-center/twilio'
import sdk from 'twilio'
import {
  event,
  pick,
  type Random,
  respellBase64,
  rewriteBody,
  tamperBody,
  randomInteger
} from '../random.ts'
import type { Case, Stranger } from '../stranger.ts'

const token = 'the-token-of-the-comparison'
const origin = 'https://hooks.example.com'
const form = 'application/x-www-form-urlencoded'

const names = ['From', 'To', 'Body', 'CallSid', 'a b', 'Æ', 'x[]', '']
const values = [
  '+4740612345',
  '',
  ' ',
  'a&b=c',
  '100%',
  '홍길동',
  '😀',
  '+',
  '\u2028',
  'x'.repeat(60)
]
const queries = ['', '?a=1', '?q=%20', '?q=a+b', "?q='", '?%C3%86=1', '?a=1&a=2', '?']

type Fields = Array<readonly [string, string]>

/** Reimplements the signature from Twilio's description: URL, then names and values, sorted. */
function signatureOf (url: string, fields: Fields, key = token): string {
  const valuesByName = new Map<string, Set<string>>()
  for (const [name, value] of fields) {
    valuesByName.set(name, (valuesByName.get(name) ?? new Set()).add(value))
  }
  const text = [...valuesByName.keys()].sort().map(name =>
    [...valuesByName.get(name) ?? []].sort().map(value => name + value).join('')
  ).join('')
  return createHmac('sha1', key).update(url + text).digest('base64')
}

export const twilioStranger: Stranger = {
  vendor: 'twilio',
  packages: 'twilio',
  decorator: 'twilio',
  register: async (app, now) => {
    await app.register(formbody)
    await app.register(twilio, { keys: token, publicUrl: origin, now })
  },
  request: random => random() < 0.7 ? formCase(random) : jsonCase(random),
  accepts ({ headers, target, body }) {
    const url = origin + target
    const signature = headers['x-twilio-signature'] ?? ''
    return /[?&]bodySHA256=/.test(target)
      ? sdk.validateRequestWithBody(token, signature, url, body.toString())
      : sdk.validateRequest(token, signature, url, { ...parse(body.toString()) })
  },
  stricter: {
    'a field twice': 'the handler would see a list where Twilio signed one value',
    'a hash and another media type': 'Content-Type is not signed: a handler would read other fields'
  }
}

function formCase (random: Random): Case {
  const fields: Fields = Array.from({ length: randomInteger(random, 0, 6) }, () => [
    pick(random, names),
    pick(random, values) + pick(random, values)
  ])
  const target = `/hook${pick(random, queries)}`
  const url = origin + target
  const kind = pick(random, [
    ...Array<string>(6).fill('genuine'),
    'signed with the port',
    'in another order',
    'escaped otherwise',
    'a value changed',
    'a field added',
    'a field taken away',
    'a field twice',
    'a field renamed',
    'another query',
    'another origin',
    'other key',
    'respelled',
    'no signature'
  ])
  const signature = signatureOf(
    kind === 'signed with the port'
      ? url.replace('.com', '.com:443')
      : kind === 'another origin'
      ? url.replace('https', 'http')
      : url,
    fields,
    kind === 'other key' ? 'a-token-of-somebody-else' : token
  )
  const [first] = fields
  const sent: Record<string, () => Fields> = {
    'in another order': () => fields.toReversed(),
    'a value changed': () =>
      fields.map(([name, value], index) => [name, index === 0 ? `${value}!` : value]),
    'a field added': () => [...fields, ['Added', '1']],
    'a field taken away': () => fields.slice(1),
    'a field twice': () => first === undefined ? fields : [...fields, first],
    'a field renamed': () =>
      fields.map(([name, value], index) => [index === 0 ? `${name}!` : name, value])
  }
  const sentFields = sent[kind]?.() ?? fields
  const text = sentFields.map(field => field.map(encodeURIComponent).join('=')).join('&')
    .replaceAll('%20', '+')
  return {
    // A random duplicate is the same as an intended one.
    kind: new Set(fields.map(String)).size < fields.length ? 'a field twice' : kind,
    target: kind === 'another query' ? `${target}${target.includes('?') ? '&' : '?'}z=1` : target,
    headers: {
      'content-type': form,
      ...signatureHeader(random, kind, signature)
    },
    body: kind === 'escaped otherwise' ? text.replaceAll('+', '%20').replaceAll('0', '%30') : text
  }
}

function jsonCase (random: Random): Case {
  const body = event(random)
  const hash = createHash('sha256').update(body).digest('hex')
  const target = `/hook?${pick(random, ['', 'a=1&'])}bodySHA256=${hash}`
  const kind = pick(random, [
    'genuine',
    'genuine',
    'genuine',
    'tampered',
    'written otherwise after signing',
    'another hash',
    'a hash and another media type',
    'other key',
    'respelled',
    'no signature'
  ])
  const key = kind === 'other key' ? 'a-token-of-somebody-else' : token
  return {
    kind,
    target: kind === 'another hash'
      ? target.replace(/.$/, last => last === '0' ? '1' : '0')
      : target,
    headers: {
      'content-type': kind === 'a hash and another media type' ? form : 'application/json',
      ...signatureHeader(random, kind, signatureOf(origin + target, [], key))
    },
    body: kind === 'tampered'
      ? tamperBody(random, body)
      : kind === 'written otherwise after signing'
      ? rewriteBody(random, body)
      : body
  }
}

function signatureHeader (random: Random, kind: string, signature: string): Case['headers'] {
  if (kind === 'no signature') return {}
  return {
    'x-twilio-signature': kind === 'respelled' ? respellBase64(random, signature) : signature
  }
}
