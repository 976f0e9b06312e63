import {
  contipleRequest,
  huaweiRequest,
  jsonText,
  lookup,
  postJson,
  type Sent
} from '../samples.ts'
import { bare, changedBody, contiple, type Entry, huaweiAicc } from './list.ts'

type Refusal = Entry & { readonly status: number, readonly accepted: string }

/** Requests that the servers of `ours` refuse, and must not cost more than those they accept. */
export const refusals: readonly Refusal[] = [
  {
    ...contiple,
    argument: 'refusing',
    bad: {},
    name: 'contiple: wrong signature',
    accepted: contiple.name,
    status: 403,
    good: () => wrongSignature(contipleRequest())
  },
  {
    ...contiple,
    argument: 'refusing',
    bad: {},
    name: 'contiple: repeated header',
    accepted: contiple.name,
    status: 403,
    good: () => repeatedHeader(contipleRequest())
  },
  {
    ...contiple,
    argument: 'refusing',
    bad: {},
    name: 'contiple: stale',
    accepted: contiple.name,
    status: 403,
    good: () => contipleRequest({ timestamp: String(Date.now() - 3_600_000) })
  },
  {
    ...huaweiAicc,
    argument: 'refusing',
    bad: {},
    name: 'huawei-aicc: wrong signature',
    accepted: huaweiAicc.name,
    status: 401,
    good: () => changedBody(huaweiRequest())
  },
  {
    ...huaweiAicc,
    argument: 'refusing',
    bad: {},
    name: 'huawei-aicc: stale',
    accepted: huaweiAicc.name,
    status: 401,
    good: () => huaweiRequest({ timestamp: String(Date.now() - 3_600_000) })
  }
]

export const acceptedByHand: Entry = {
  ...contiple,
  name: 'accepted by hand',
  kind: 'recipe',
  server: 'refusal-by-hand',
  note: 'what contiple checks, and its replies to what it refuses'
}

/** What a refusal costs beside an accepted request, with the least code. */
export const refusalsByHand: readonly Refusal[] = [
  {
    ...acceptedByHand,
    bad: {},
    name: 'refused by hand: wrong signature',
    accepted: acceptedByHand.name,
    status: 403,
    good: () => wrongSignature(contipleRequest())
  },
  {
    ...acceptedByHand,
    bad: {},
    name: 'refused by hand: stale',
    accepted: acceptedByHand.name,
    status: 403,
    good: () => contipleRequest({ timestamp: String(Date.now() - 3_600_000) })
  }
]

function wrongSignature ({ headers, ...rest }: Sent): Sent {
  const { authorization = '' } = headers
  return {
    ...rest,
    headers: {
      ...headers,
      authorization: (authorization.startsWith('A') ? 'B' : 'A') + authorization.slice(1)
    }
  }
}

function repeatedHeader ({ headers, ...rest }: Sent): Sent {
  return { ...rest, headers: { ...headers, Authorization: headers['authorization'] ?? '' } }
}

/** A route without a hook in an app that has a vendor plugin. */
export const sibling: Entry = {
  ...bare,
  name: 'sibling route without a hook',
  kind: 'ours',
  server: contiple.server,
  good: () => postJson(lookup(), {}, '/sibling'),
  note: 'in the app of contiple'
}

const megabyte = 1_000_000
const unsigned: ReadonlyArray<readonly [what: string, body: string]> = [
  ['one long text', jsonText({ callNum: '1' }, megabyte)],
  ['80,000 numbers', JSON.stringify({ list: Array.from({ length: 80_000 }, (_, i) => i * 1e6) })],
  [
    '62,000 objects',
    JSON.stringify({ list: Array.from({ length: 62_000 }, () => ({ number: 1 })) })
  ]
]

/**
 * Bodies of 1 MB that nobody has signed: what they cost before they are refused, most of them for
 * their size, which is more than a vendor sends.
 */
export const strangers: ReadonlyArray<
  {
    readonly what: string,
    readonly bare: Entry,
    readonly signed: ReadonlyArray<Entry & { status: number }>
  }
> = unsigned.map(([what, body]) => ({
  what,
  bare: { ...bare, name: `bare, ${what}`, good: () => postJson(body) },
  signed: [
    {
      ...contiple,
      bad: {},
      name: `contiple, ${what}`,
      status: 413,
      good: () => postJson(body, { authorization: `${'A'.repeat(43)}=`, 'x-tc-timestamp': '1' })
    },
    {
      ...huaweiAicc,
      bad: {},
      name: `huawei-aicc, ${what}`,
      status: 413,
      good: () =>
        postJson(`{"signature":"${'A'.repeat(43)}=","timestamp":"1","nonce":"n",${body.slice(1)}`)
    }
  ]
}))
