import { createHmac } from 'node:crypto'
import { peers } from '../peers/index.ts'
import type { Kind } from '../report.ts'
import {
  contipleRequest,
  huaweiRequest,
  itxRequest,
  lookup,
  onlineContactRequest,
  oracleRequest,
  postJson,
  secret,
  type Sent
} from '../samples.ts'

/** A server and its requests. */
export interface Entry {
  readonly name: string
  readonly kind: Kind
  readonly server: string
  /** Told to the server; entries with the same server and argument share a process. */
  readonly argument?: string
  /** The entry whose route does the same without verification. */
  readonly base: string
  /** A request that is answered with 200; a fresh one every time. */
  readonly good: () => Sent
  /** Requests that the server must refuse before the timing. Empty without verification. */
  readonly bad: Readonly<Record<string, (good: Sent) => Sent>>
  readonly note: string
}

export const changedBody = (good: Sent): Sent => ({
  ...good,
  body: good.body?.replace('afternoon', 'afternoom') ?? ''
})
const without =
  (header: string) => ({ headers: { [header]: _, ...headers }, ...rest }: Sent): Sent => ({
    ...rest,
    headers
  })

export const bare: Entry = {
  name: 'bare Fastify route, JSON',
  kind: 'bare',
  server: 'bare',
  argument: 'json',
  base: 'bare Fastify route, JSON',
  good: () => postJson(lookup()),
  bad: {},
  note: 'no verification'
}

/** Says how far the figures of one and the same route are apart. */
export const bareAgain: Entry = { ...bare, name: 'bare route again', argument: 'json again' }

export const bareEntries: readonly Entry[] = [
  bare,
  {
    ...bare,
    name: 'bare Fastify route, form',
    argument: 'form',
    base: 'bare Fastify route, form',
    good: onlineContactRequest
  },
  {
    ...bare,
    name: 'bare Fastify route, GET',
    argument: 'get',
    base: 'bare Fastify route, GET',
    good: oracleRequest
  }
]

export const contiple: Entry = {
  name: 'contiple',
  kind: 'ours',
  server: 'contiple',
  base: bare.name,
  good: () => contipleRequest(),
  bad: {
    'changed body': changedBody,
    'no signature': without('authorization'),
    'signed an hour ago': () => contipleRequest({ timestamp: String(Date.now() - 3_600_000) })
  },
  note: 'the body and the time; time window'
}

export const huaweiAicc: Entry = {
  name: 'huawei-aicc',
  kind: 'ours',
  server: 'huawei-aicc',
  base: bare.name,
  good: () => huaweiRequest(),
  bad: {
    'changed body': changedBody,
    'no signature': good => ({
      ...good,
      body: good.body?.replace('"signature"', '"signatur"') ?? ''
    }),
    'signed an hour ago': () => huaweiRequest({ timestamp: String(Date.now() - 3_600_000) })
  },
  note: 'thirteen sorted parameters, the time and a nonce; time window, replay store'
}

/** What the claim adds is the rest. */
export const huaweiWithoutClaim: Entry = {
  ...huaweiAicc,
  name: 'huawei-aicc without replay',
  argument: 'without replay',
  note: 'thirteen sorted parameters, the time and a nonce; time window'
}

export const ownPlugins: readonly Entry[] = [
  contiple,
  huaweiAicc,
  {
    ...huaweiAicc,
    name: 'huawei-aicc, 19-digit number',
    good: () => huaweiRequest({ callSerialNo: '1234567890123456789' }),
    note: 'the same with a number that a double cannot hold'
  },
  {
    name: 'itx-chat',
    kind: 'ours',
    server: 'itx-chat',
    base: bare.name,
    good: itxRequest,
    bad: {
      'changed data': good => ({ ...good, body: good.body?.replace('gold', 'bold') ?? '' }),
      'no signature': good => ({
        ...good,
        body: good.body?.replace('extSystemHash', 'extSystemHush') ?? ''
      })
    },
    note: 'sorted entries, SHA-1; no time in the signature'
  },
  {
    name: 'online-contact',
    kind: 'ours',
    server: 'online-contact',
    base: 'bare Fastify route, form',
    good: onlineContactRequest,
    bad: {
      'changed field': good => ({ ...good, body: good.body?.replace('u-1001', 'u-1002') ?? '' }),
      'no signature': good => ({ ...good, body: good.body?.replace('token=', 'tokem=') ?? '' })
    },
    note: "the member's fields and the time; time window"
  },
  {
    name: 'oracle-csc',
    kind: 'ours',
    server: 'oracle-csc',
    base: 'bare Fastify route, GET',
    good: oracleRequest,
    bad: {
      'changed user': good => ({ ...good, path: good.path.replace('minji', 'jonas') }),
      'no signature': good => ({ ...good, path: good.path.replace('hash=', 'hush=') })
    },
    note: 'two parameters of the URL, SHA-1; no time in the signature'
  }
]

export const recipes: readonly Entry[] = [
  {
    ...contiple,
    name: 'scoped parser by hand',
    kind: 'recipe',
    server: 'scoped-parser',
    note: 'what contiple checks, with the least code that is right'
  },
  {
    name: '@fastify/jwt, HS256',
    kind: 'recipe',
    server: 'jwt',
    base: bare.name,
    good: () => postJson(lookup(), { authorization: `Bearer ${token()}` }),
    bad: {
      'changed token': () =>
        postJson(lookup(), {
          authorization: `Bearer ${token('wrong-secret-of-thirty-two-bytes!')}`
        }),
      'no token': without('authorization')
    },
    note: 'who calls, from a token of 165 characters; nothing of the body'
  }
]

/** To huawei-aicc what the scoped parser is to contiple: the same work with the least code. */
export const huaweiByHand: Entry = {
  ...huaweiAicc,
  name: 'huawei by hand',
  kind: 'recipe',
  server: 'huawei-by-hand',
  note: 'what huawei-aicc checks, with the least code; not right for numbers of 19 digits'
}

export const peerEntries: readonly Entry[] = Object.entries(peers).map(([argument, peer]) => ({
  name: `fastify-raw-body + ${peer.name}`,
  kind: 'peer',
  server: 'raw-body',
  argument,
  base: bare.name,
  good: () => peer.sign(lookup()),
  bad: {
    'changed body': changedBody,
    'no signature': good => ({ ...good, headers: { 'content-type': 'application/json' } })
  },
  note: peer.note
}))

function token (key = secret): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${
    part({
      sub: 'contiple',
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 300
    })
  }`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}
