import { createHash } from 'node:crypto'
import vonage from 'fastify-contact-center/vonage'
import { load } from '../packages.ts'
import { header, hmac, addMistake, parts, secret } from '../parts.ts'
import { pick, randomInteger } from '../random.ts'
import type { Stranger } from '../stranger.ts'

const { verifySignature } = load('@vonage/jwt') as {
  verifySignature(token: string, secret: string): boolean
}
const b64url = (text: string): string => Buffer.from(text).toString('base64url')
const head = '{"alg":"HS256","typ":"JWT"}'
let tokens = 0

export const vonageStranger: Stranger = {
  vendor: 'vonage',
  packages: '@vonage/jwt',
  decorator: 'vonage',
  register: async (app, now) => {
    await app.register(vonage, { keys: secret, now, apiKey: 'a1b2c3d4', replay: false })
  },
  request (random, now) {
    const { kind, body, key, signed } = parts(random, now, false)
    const iat = Math.floor(now / 1000)
    const claims: Record<string, unknown> = {
      iat,
      jti: `t${++tokens}`,
      iss: 'Vonage',
      payload_hash: createHash('sha256').update(signed).digest('hex'),
      api_key: 'a1b2c3d4'
    }
    const changes: Record<string, object> = {
      'expiry to come': { exp: iat + randomInteger(random, 1, 1000) },
      expired: { exp: iat - randomInteger(random, 0, 1000) },
      'expiry as text': { exp: String(iat + 10) },
      'expiry with a fraction': { exp: iat + 10.5 },
      'not before now': { nbf: iat - 1 },
      'not before later': { nbf: iat + 100 },
      stale: { iat: iat - randomInteger(random, 302, 100_000) },
      future: { iat: iat + randomInteger(random, 302, 100_000) },
      'no time': { iat: undefined },
      'no id': { jti: undefined },
      'no hash': { payload_hash: undefined },
      'other account': { api_key: 'ffffffff' }
    }
    const heads: Record<string, string> = {
      crit: '{"alg":"HS256","crit":["exp"]}',
      none: '{"alg":"none"}',
      HS512: '{"alg":"HS512"}',
      RS256: '{"alg":"RS256"}',
      'header in another order': '{"typ":"JWT","alg":"HS256"}'
    }
    const appliedKind = kind === 'genuine' && random() < 0.6
      ? pick(random, [...Object.keys(changes), ...Object.keys(heads)])
      : kind
    const text = `${b64url(heads[appliedKind] ?? head)}.${
      b64url(JSON.stringify({ ...claims, ...changes[appliedKind] }))
    }`
    return addMistake(
      random,
      {
        kind: appliedKind,
        body,
        headers: { authorization: `Bearer ${text}.${hmac(text, key).toString('base64url')}` }
      },
      'authorization',
      {
        'signature respelled': token => `${token}=`,
        'spare bits': token => {
          // Signed again, so that only the spelling is unusual.
          const oddToken = `${b64url(head)}.${oddSpelling(b64url(JSON.stringify(claims)))}`
          return token.startsWith('Bearer ')
            ? `Bearer ${oddToken}.${hmac(oddToken).toString('base64url')}`
            : token
        },
        'prefix in small letters': token => token.replace('Bearer', 'bearer'),
        'no signature in it': token => token.slice(0, token.lastIndexOf('.') + 1)
      }
    )
  },
  accepts: sent => verifySignature(header(sent, 'authorization').replace(/^bearer /i, ''), secret),
  stricter: {
    tampered: 'the package leaves the hash of the body to its user',
    'written otherwise after signing': 'the same',
    'no hash': 'the same',
    stale: 'the package does not look at iat',
    future: 'the same',
    'no time': 'the same',
    'no id': 'nothing would tell a copy',
    'other account': 'the account is configured here',
    'not before now': 'Vonage sends no nbf',
    'expiry with a fraction': 'times are whole seconds',
    crit: 'an extension that must be understood is not',
    'spare bits': 'a token has one spelling',
    'prefix in small letters': 'Vonage writes Bearer',
    'signature twice': 'Node keeps the first of two silently'
  }
}

/** Another spelling of the same bytes, if there is one. */
function oddSpelling (part: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.length % 4 === 0
    ? part
    : part.slice(0, -1) + digits.charAt(digits.indexOf(part.slice(-1)) ^ 1)
}
