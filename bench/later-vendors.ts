import { generateKeyPairSync, hash, sign, verify } from 'node:crypto'
import { scheme as contiple } from '../plugins/contiple/index.ts'
import { scheme as huaweiAicc } from '../plugins/huawei-aicc/index.ts'
import { scheme as intercom } from '../plugins/intercom/index.ts'
import type { Scheme, Verifier } from '../plugins/kit/index.ts'
import { HmacKey } from '../plugins/kit/wire/hmac.ts'
import { parseWireJson } from '../plugins/kit/wire/json.ts'
import { equalText } from '../plugins/kit/wire/mac.ts'
import { scheme as line } from '../plugins/line/index.ts'
import { scheme as onlineContact } from '../plugins/online-contact/index.ts'
import { scheme as standardWebhooks } from '../plugins/standard-webhooks/index.ts'
import { scheme as telnyx } from '../plugins/telnyx/index.ts'
import { scheme as twilio } from '../plugins/twilio/index.ts'
import { scheme as vonage } from '../plugins/vonage/index.ts'
import { scheme as whatsapp } from '../plugins/whatsapp/index.ts'
import { scheme as zendesk } from '../plugins/zendesk/index.ts'
import { scheme as zoom } from '../plugins/zoom/index.ts'
import type { Work } from './in-process.ts'
import { bodyBytes, huaweiRequest, lookup, member, secret, webhookSecret } from './samples.ts'

/** A vendor's verify, and the least code that is right for its requests. */
export interface Later {
  readonly name: string
  readonly verify: Work
  readonly byHand: Work
}

const now = Date.now()
const milliseconds = String(now)
const seconds = String(Math.floor(now / 1000))
const text = lookup()
const body = Buffer.from(text)
const bodyHash = hash('sha256', body, 'hex')

/** The first three vendors with an HMAC, each on as many of these bytes as it can have. */
export const earlier: readonly Work[] = [
  work('contiple, 600 bytes', contiple, { body, timestamp: milliseconds }),
  work('huawei-aicc, 600 bytes', huaweiAicc, {
    params: parseWireJson(huaweiRequest().body ?? '', 'params') as object,
    timestamp: milliseconds,
    nonce: '5f0c2b7a9d8e4c31a6b7c8d9e0f1a2b3'
  }),
  work('online-contact, its fields', onlineContact, { ...member, time: milliseconds })
]

const sha1 = new HmacKey('sha1', secret)
const sha256 = new HmacKey('sha256', secret)
/** The least for a vendor that signs the body, alone or behind a few characters. */
const verifyBodyByHand = (before = ''): () => boolean => {
  const expected = sha256.digest('hex', before, body)
  return () => equalText(expected, sha256.digest('hex', before, body))
}

const form = formOf(bodyBytes)
const formUrl = 'https://hooks.example.com/voice'
const formSignature = twilio.sign({ url: formUrl, params: form }, secret)
const jsonUrl = `https://hooks.example.com/messages?bodySHA256=${bodyHash}`
const jsonSignature = twilio.sign({ url: jsonUrl, body }, secret)
const token = tokenOf('0d4a5e3c-8c5b-4f7a-9d07-6a2f6b9a3c11')
const tokenSignature = vonage.sign({ ...token, body }, secret)

/** Each on a body, form or JSON, of so many bytes. */
export const later: readonly Later[] = [
  describeVendor('intercom', intercom, { body }, verifyBodyByHand()),
  describeVendor('line', line, { body }, verifyBodyByHand()),
  describeVendor('whatsapp', whatsapp, { body }, verifyBodyByHand()),
  describeVendor('zendesk', zendesk, {
    timestamp: `${new Date(now).toISOString().slice(0, 19)}Z`,
    body
  }, verifyBodyByHand('2026-01-01T00:00:00Z')),
  describeVendor('zoom', zoom, { timestamp: seconds, body }, verifyBodyByHand(`v0:${seconds}:`)),
  describeVendor(
    'standard-webhooks',
    standardWebhooks,
    { id: 'msg_1', timestamp: seconds, body },
    verifyBodyByHand(`msg_1.${seconds}.`),
    webhookSecret
  ),
  describeVendor('twilio, a form', twilio, { url: formUrl, params: form }, () => {
    let signed = formUrl
    for (const name of Object.keys(form).sort()) signed += name + (form[name] ?? '')
    return equalText(formSignature, sha1.digest('base64', signed))
  }),
  describeVendor('twilio, JSON', twilio, { url: jsonUrl, body }, () => {
    const signedHash = new URL(jsonUrl).searchParams.get('bodySHA256')
    return equalText(jsonSignature, sha1.digest('base64', jsonUrl)) &&
      equalText(signedHash, hash('sha256', body, 'hex'))
  }),
  describeVendor(
    'vonage',
    vonage,
    { ...token, body },
    () => {
      const encoded = (part: string): string => Buffer.from(part).toString('base64url')
      const signed = `${encoded(token.header)}.${encoded(token.claims)}`
      const { payload_hash: signedHash } = JSON.parse(token.claims) as { payload_hash: string }
      return equalText(tokenSignature, sha256.digest('base64url', signed)) &&
        equalText(signedHash, hash('sha256', body, 'hex'))
    },
    secret,
    { ...tokenOf('5b1f0c9a-2f64-4c1e-8a35-1d9e7c40b2f8'), body }
  )
]

/** Ed25519: its floor is Node's own verification, with a key that has been read. */
export const ed25519: Later = (() => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'jwk' }).x ?? ''
  const message = Buffer.from(`${seconds}|${text}`)
  const signature = sign(null, message, privateKey)
  return {
    name: 'telnyx',
    verify: check(
      'telnyx',
      telnyx,
      { body, timestamp: seconds },
      signature.toString('base64'),
      Buffer.from(key, 'base64url').toString('base64')
    ),
    byHand: {
      name: 'crypto.verify, Ed25519',
      run: () => verify(null, message, publicKey, signature)
    }
  }
})()

/** With another input the two take turns: a scheme may remember what it read last. */
function describeVendor<Input> (
  name: string,
  scheme: Scheme<Input>,
  input: Input,
  byHand: () => boolean,
  key = secret,
  otherInput = input
): Later {
  const [first, second] = [work(name, scheme, input, key), work(name, scheme, otherInput, key)]
  let isFirst = false
  return {
    name,
    verify: otherInput === input ? first : {
      name,
      run () {
        isFirst = !isFirst
        return (isFirst ? first : second).run()
      }
    },
    byHand: { name: `${name}, by hand`, run: byHand }
  }
}

function work<Input> (name: string, scheme: Scheme<Input>, input: Input, key = secret): Work {
  return check(name, scheme, input, scheme.sign(input, key), key)
}

function check<Input> (
  name: string,
  scheme: Verifier<Input>,
  input: Input,
  signature: string,
  key: string
): Work {
  const parsedKey = scheme.readKey?.(key)
  const wrongSignature = signature.replace(/[1-9a-f]/, digit => digit === '1' ? '2' : '1')
  if (wrongSignature === signature || scheme.verify(input, wrongSignature, key, parsedKey)) {
    throw new Error(`${name} accepts a changed signature`)
  }
  return { name, run: () => scheme.verify(input, signature, key, parsedKey) }
}

function tokenOf (jti: string): { header: string, claims: string } {
  return {
    header: '{"alg":"HS256","typ":"JWT"}',
    claims: JSON.stringify({
      iat: Number(seconds),
      jti,
      iss: 'Vonage',
      payload_hash: bodyHash,
      api_key: 'a1b2c3d4'
    })
  }
}

/** A call as Twilio posts it, with a note that fills the form up. */
function formOf (bytes: number): Record<string, string> {
  const fields = {
    AccountSid: `AC${'0123456789abcdef'.repeat(2)}`,
    ApiVersion: '2010-04-01',
    CallSid: `CA${'fedcba9876543210'.repeat(2)}`,
    CallStatus: 'ringing',
    Called: '+821012345678',
    CalledCity: 'SEOUL',
    CalledCountry: 'KR',
    Caller: '+82215881001',
    CallerCountry: 'KR',
    Direction: 'inbound',
    From: '+82215881001',
    FromCountry: 'KR',
    To: '+821012345678',
    ToCountry: 'KR'
  }
  const length = new URLSearchParams({ ...fields, Note: '' }).toString().length
  return { ...fields, Note: 'n'.repeat(bytes - length) }
}
