import { randomBytes } from 'node:crypto'
import { scheme as contiple } from '../plugins/contiple/index.ts'
import { scheme as huaweiAicc } from '../plugins/huawei-aicc/index.ts'
import { scheme as itxChat } from '../plugins/itx-chat/index.ts'
import { scheme as onlineContact } from '../plugins/online-contact/index.ts'
import { scheme as oracleCsc } from '../plugins/oracle-csc/index.ts'
import { parseWireJson, type WireNumber } from '../plugins/kit/wire/json.ts'

/** The key of everybody; base64 text too, because some peers read it so. */
export const secret = 'YmVuY2gtc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM='

/** The same as Standard Webhooks writes it. */
export const webhookSecret = `whsec_${secret}`

export const bodyBytes = 600

/** A request as a contender sends it. */
export interface Sent {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

const json = { 'content-type': 'application/json' }

/** JSON text of exactly so many bytes: the fields, and a note that fills it up. */
export function jsonText (fields: object, bytes = bodyBytes): string {
  const missing = bytes - JSON.stringify({ ...fields, note: '' }).length
  if (missing < 0) throw new Error(`the fields alone take more than ${bytes} bytes`)
  return JSON.stringify({
    ...fields,
    note: 'Prefers to be called in the afternoon. '.repeat(missing / 39 + 1).slice(0, missing)
  })
}

/** A customer look-up, as Contiple asks; what the peers sign, too. */
export function lookup (): string {
  return jsonText({
    callNum: '+821012345678',
    receiptNo: 'T-20260101-000123',
    channel: 'phone',
    agent: 'minji'
  })
}

export function postJson (body: string, headers: Record<string, string> = {}, path = '/'): Sent {
  return { method: 'POST', path, headers: { ...json, ...headers }, body }
}

export function contipleRequest ({ body = lookup(), timestamp = String(Date.now()) } = {}): Sent {
  return postJson(body, {
    authorization: contiple.sign({ body, timestamp }, secret),
    'x-tc-timestamp': timestamp
  })
}

/** A release callback. Every one has a nonce of its own, so none is a repetition. */
export function huaweiRequest (
  { timestamp = String(Date.now()), callSerialNo = '"1234567890123456789"' } = {}
): Sent {
  const nonce = randomBytes(16).toString('hex')
  const fields = {
    serviceNo: '',
    caller: '+82215881001',
    called: '+821012345678',
    talkDuration: '60',
    releaseReason: '0',
    createCallTime: '2026/01/01,12:00:00:000',
    releaseTime: '2026/01/01,12:01:00:000',
    timestamp,
    nonce
  }
  const signature = 'x'.repeat(44)
  // The serial number by hand: as a number of 19 digits JavaScript would round it.
  const unsigned = jsonText(
    { ...fields, signature },
    bodyBytes - '"callSerialNo":,'.length - callSerialNo.length
  ).replace('{', `{"callSerialNo":${callSerialNo},`)
  return postJson(
    unsigned.replace(signature, huaweiAicc.sign({ params: unsigned, timestamp, nonce }, secret))
  )
}

export function itxRequest (): Sent {
  const body = jsonText({
    verifiedData: { memberId: 'M-1001', grade: 'gold', orders: 12, since: '2019-04-01' },
    name: 'Kari Nordmann',
    email: 'kari@example.com',
    phoneNumber: '+4740612345'
  }, bodyBytes - 59)
  const session = JSON.parse(body) as Parameters<typeof itxChat.sign>[0]
  return postJson(body.replace(/}$/, `,"extSystemHash":"${itxChat.sign(session, secret)}"}`))
}

/** A session of ITX chat, as its plugin hands the data over. */
export const chatSession = {
  verifiedData: parseWireJson(
    '{"memberId":"M-1001","grade":"gold","orders":12,"since":"2019-04-01"}',
    'data'
  ) as Map<string, string | WireNumber>,
  name: 'Kari Nordmann',
  email: 'kari@example.com'
}

export const member = {
  service: 'shop',
  usercode: 'u-1001',
  username: 'Hong Gil-dong',
  email: 'gildong@example.com',
  phone: '+821012345678',
  memberno: 'M-1001'
}

export function onlineContactRequest (): Sent {
  const time = String(Date.now())
  const form = new URLSearchParams({
    ...member,
    time,
    token: onlineContact.sign({ ...member, time }, secret),
    note: ''
  }).toString()
  return {
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form + 'n'.repeat(Math.max(0, bodyBytes - form.length))
  }
}

export const agent = { username: 'minji.kim', callerId: '+821012345678' }

export function oracleRequest (): Sent {
  const query = new URLSearchParams({
    clickToCallInit: 'true',
    username: agent.username,
    UserTelephoneNumber: agent.callerId,
    hash: oracleCsc.sign(agent, secret)
  })
  return { method: 'GET', path: `/?${query.toString()}`, headers: {} }
}

export const schemes = { contiple, huaweiAicc, itxChat, onlineContact, oracleCsc }
