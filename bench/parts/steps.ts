import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto'
import { paramsText, removeSpaces } from '../../plugins/huawei-aicc/params.ts'
import { entriesOf } from '../../plugins/itx-chat/entries.ts'
import { parseWireJson, WireNumber, type WireObject } from '../../plugins/kit/wire/json.ts'
import { HmacKey } from '../../plugins/kit/wire/hmac.ts'
import { equalText } from '../../plugins/kit/wire/mac.ts'
import { decodeUtf8, sortTexts } from '../../plugins/kit/wire/text.ts'
import { memoryStore } from '../../plugins/kit/replay/memory.ts'
import { interleavedTimes, type Work } from '../in-process.ts'
import type { Table } from '../report.ts'
import { chatSession, huaweiRequest, schemes, secret } from '../samples.ts'
import { median, valuesOf } from '../statistics.ts'

/** One step of a verification: our code, and the least code by hand for the same step. */
interface Step {
  readonly name: string
  readonly ours?: () => unknown
  readonly byHand?: () => unknown
}

/** What each step takes, so that it is plain what keeps a verification from being faster. */
export async function stepTables (quick: boolean): Promise<Table[]> {
  return [
    await stepTable('huawei-aicc, a callback of 600 bytes', huaweiSteps(), quick),
    await stepTable('itx-chat, a session', itxSteps(), quick)
  ]
}

async function stepTable (title: string, steps: readonly Step[], quick: boolean): Promise<Table> {
  const works = steps.flatMap(({ name, ours, byHand }) => [
    ...ours === undefined ? [] : [workOf(`${name}, ours`, ours)],
    ...byHand === undefined ? [] : [workOf(`${name}, by hand`, byHand)]
  ])
  const times = await interleavedTimes(works, { blocks: quick ? 60 : 300, calls: 100 })
  const cell = (name: string): string =>
    times.has(name) ? (median(valuesOf(times, name)) / 1000).toFixed(2) : ''
  const sum = (suffix: string): string =>
    steps.filter(({ name }) => times.has(name + suffix)).reduce(
      (sum, { name }) => sum + median(valuesOf(times, name + suffix)) / 1000,
      0
    ).toFixed(2)
  return {
    head: [title, 'µs', 'by hand, µs'],
    rows: [
      ...steps.map(({ name }) => [name, cell(`${name}, ours`), cell(`${name}, by hand`)]),
      ['all steps', sum(', ours'), sum(', by hand')]
    ]
  }
}

function workOf (name: string, step: () => unknown): Work {
  return { name, run: () => step() !== false }
}

function huaweiSteps (): Step[] {
  const body = huaweiRequest().body ?? ''
  const bytes = Buffer.from(body)
  const wire = parseWireJson(body, 'body') as WireObject
  const fields = JSON.parse(body) as Record<string, string>
  const { signature = '', timestamp = '', nonce = '' } = fields
  const head = `${secret}_${timestamp}_${nonce}_`
  const params = removeSpaces(paramsText(wire, 'literal'))
  const message = head + params.toString()
  const key = new HmacKey('sha256', secret)
  const mac = createHmac('sha256', secret).update(message).digest()
  const store = memoryStore({ capacity: 100_000 })
  const seen = new Map<string, number>()
  let claims = 0
  return [
    { name: 'check and decode UTF-8', ours: () => decodeUtf8(bytes, 'body') },
    { name: 'parse JSON without loss', ours: () => parseWireJson(body, 'body') },
    {
      name: 'sort the parameters, write their text',
      ours: () => removeSpaces(paramsText(wire, 'literal')),
      byHand: () => {
        const { signature: _, timestamp: __, nonce: ___, ...rest } = fields
        return Object.keys(rest).sort().map(name => `${name}=${rest[name]}`).join(',')
          .replaceAll(' ', '')
      }
    },
    {
      name: 'HMAC-SHA-256',
      ours: () => key.digest('base64', head, params),
      byHand: () => createHmac('sha256', secret).update(message).digest()
    },
    {
      name: 'compare in constant time',
      ours: () => equalText(signature, signature),
      byHand: () => timingSafeEqual(Buffer.from(signature, 'base64'), mac)
    },
    {
      name: 'claim the nonce, mark it done',
      ours: () => {
        const key = `claim:0123456789abcdef:${claims++}${nonce}`
        return store.putIfAbsent(key, nonce, 10_000) === null &&
          store.replace(key, nonce, 'done', 600_000) && store.delete(key) === undefined
      },
      byHand: () => {
        const key = `${claims++}${nonce}`
        return !seen.has(key) && seen.set(key, 1) && seen.delete(key)
      }
    }
  ]
}

function itxSteps (): Step[] {
  const { itxChat } = schemes
  const entries = [...entriesOf(chatSession, true), secret]
  const message = itxChat.message(chatSession, secret) as string
  const bytes = Buffer.from(message)
  const signature = itxChat.sign(chatSession, secret)
  const digest = createHash('sha1').update(bytes).digest()
  return [
    {
      name: 'check and write the entries',
      ours: () => entriesOf(chatSession, true),
      byHand: () => {
        const { verifiedData, name, email } = chatSession
        return [
          name,
          email,
          ...Array.from(
            verifiedData,
            ([name, value]) => `${name}:${value instanceof WireNumber ? value.text : value}`
          )
        ]
      }
    },
    {
      name: 'sort and join them',
      ours: () => sortTexts([...entries]).join('-'),
      byHand: () => [...entries].sort().join('-')
    },
    {
      name: 'SHA-1',
      ours: () => hash('sha1', message, 'hex'),
      byHand: () => createHash('sha1').update(bytes).digest()
    },
    {
      name: 'compare in constant time',
      ours: () => equalText(signature, signature),
      byHand: () => timingSafeEqual(Buffer.from(signature, 'hex'), digest)
    }
  ]
}
