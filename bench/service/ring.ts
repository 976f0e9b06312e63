import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { secrets } from './process.ts'
import { followEvents, signIn } from './desk-streams.ts'
import { scheme } from '../../plugins/contiple/index.ts'

/** A customer whose call still rings does not ring again. */
let callers = 0

export interface Ring {
  /** Milliseconds from a call's due time until the slowest desk had its event, sorted. */
  readonly rings: readonly number[]
  /** Milliseconds that the answers to the look-ups took, sorted. */
  readonly answers: readonly number[]
}

/**
 * Customers call at a steady pace, whether or not the service keeps up, while desks follow its
 * events.
 */
export async function ringDesks (
  url: string,
  { calls, perSecond, desks }: { calls: number, perSecond: number, desks: number }
): Promise<Ring> {
  const due = new Map<string, number>()
  const deliveries = new Map<string, { count: number, ms: number }>()
  const stop = await followEvents(url, await signIn(url), desks, (kind, data) => {
    if (kind !== 'call.ringing') return
    const { customerNumber } = JSON.parse(data) as { customerNumber: string }
    const began = due.get(customerNumber)
    if (began === undefined) return
    const { count } = deliveries.get(customerNumber) ?? { count: 0 }
    deliveries.set(customerNumber, { count: count + 1, ms: performance.now() - began })
  })
  const agent = new Agent({ keepAlive: true })
  const answers: number[] = []
  try {
    const start = performance.now() + 200
    await Promise.all(Array.from({ length: calls }, async (_, index) => {
      const dueAt = start + index * 1000 / perSecond
      await sleep(dueAt - performance.now())
      const number = `+8210${String(30_000_000 + callers++)}`
      due.set(number, dueAt)
      await lookUp(url, number, agent)
      answers.push(performance.now() - dueAt)
    }))
    const isComplete = (): boolean => [...deliveries.values()].every(({ count }) => count === desks)
    for (let waited = 0; deliveries.size < calls || !isComplete(); waited += 20) {
      if (waited > 60_000) throw new Error(`${deliveries.size} of ${calls} calls rang`)
      await sleep(20)
    }
  } finally {
    agent.destroy()
    stop()
  }
  const sortNumbers = (values: number[]): number[] => values.sort((a, b) => a - b)
  return {
    rings: sortNumbers([...deliveries.values()].map(({ ms }) => ms)),
    answers: sortNumbers(answers)
  }
}

/** As Contiple asks who is calling; nobody knows this customer, and the call rings all the same. */
async function lookUp (url: string, callNum: string, agent: Agent): Promise<void> {
  const body = JSON.stringify({ callNum })
  const timestamp = String(Date.now())
  const authorization = scheme.sign({ body, timestamp }, secrets['CONTIPLE_KEY'] ?? '')
  await new Promise<void>((resolve, reject) => {
    request(`${url}/contiple/customer`, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        authorization,
        'x-tc-timestamp': timestamp
      }
    }, reply => {
      reply.resume().on('end', () =>
        reply.statusCode === 200 || reply.statusCode === 400
          ? resolve()
          : reject(new Error(`look-up: ${reply.statusCode}`))).on('error', reject)
    }).on('error', reject).end(body)
  })
}
