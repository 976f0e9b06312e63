import { request as send } from 'node:http'
import { request as sendSecurely } from 'node:https'
import {
  describeAnswer,
  type Expected,
  explainStatus,
  type Finding,
  type Got
} from '../simulators/shared/faults.ts'

export type Headers = Record<string, string | string[]>
export interface Call {
  readonly headers: Headers
  readonly body: string
}
export interface Fault {
  readonly title: string
  readonly expected: Expected
  readonly why: string
  /** Sent one after another; the last response counts. Undefined without an old key. */
  calls(): Promise<readonly Call[]> | undefined
}

/** Applies one fault to a service and judges the response. */
export async function runWebhookFault (
  name: string,
  { title, expected, why, calls }: Fault,
  url: string,
  explain: (call: Call, got: Got) => Promise<string | undefined>
): Promise<Finding> {
  const summary = { name, title, expected, why }
  const requests = await calls()
  if (requests === undefined) {
    return { ...summary, got: 'skipped', verdict: 'skipped', text: 'needs LAB_OLD_KEY' }
  }
  let answer: { status?: number, text: string } = { text: '' }
  for (const call of requests) answer = await sendCall(url, call)
  const got = classifyStatus(answer.status)
  const isCorrect = expected === 'either'
    ? got === 'accepted' || got === 'refused'
    : got === `${expected}${expected === 'accept' ? 'ed' : 'd'}`
  const last = requests.at(-1)
  const explanation = isCorrect || last === undefined
    ? undefined
    : explainStatus(answer.status, got) ?? await explain(last, got)
  return {
    ...summary,
    got,
    verdict: isCorrect ? 'right' : 'wrong',
    text: describeAnswer(answer.status, answer.text.slice(0, 300)),
    ...explanation !== undefined && { explanation },
    ...last && { sent: { url, headers: toHeaderLines(last.headers), body: last.body } }
  }
}

/** One header line per value. */
export function toHeaderLines (headers: Headers): Array<readonly [string, string]> {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map(value => [name, value] as const)
  )
}

function classifyStatus (status: number | undefined): Got {
  if (status === undefined) return 'no answer'
  if (status === 101 || (status >= 200 && status < 300)) return 'accepted'
  return status >= 400 && status < 500 ? 'refused' : 'failed'
}

async function sendCall (
  url: string,
  { headers, body }: Call
): Promise<{ status?: number, text: string }> {
  const isUpgrade = headers['upgrade'] !== undefined
  return await new Promise(resolve => {
    const request = (url.startsWith('https:') ? sendSecurely : send)(url, {
      method: isUpgrade ? 'GET' : 'POST',
      headers: isUpgrade ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      timeout: 10_000
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve({ status: 101, text: '' })
    })
    request.on('response', response => {
      const chunks: Buffer[] = []
      const finish = (): void => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', finish).on(
        'error',
        finish
      )
    })
    request.on('timeout', () => request.destroy(new Error('no answer in ten seconds')))
    request.on('error', error => {
      resolve({ text: error.message })
    })
    request.end(isUpgrade ? undefined : body)
  })
}
