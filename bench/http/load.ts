import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import autocannon from 'autocannon'
import type { Sent } from '../samples.ts'

export const connections = 10

export interface Server {
  /** In the order of the contenders. */
  readonly ports: readonly number[]
  /** Microseconds of CPU, user and system, since it began. */
  cpu(): Promise<number>
  stop(): Promise<void>
}

/** Starts a process that serves these contenders, each `name:argument`. */
export async function startServer (contenders: readonly string[]): Promise<Server> {
  const child = fork(new URL('server.js', import.meta.url), contenders, { execArgv: [] })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server of ${contenders.join(', ')} ended with ${String(code)}`)
  })
  ended.catch(() => {})
  const { ports } = await Promise.race([message<{ ports: number[] }>(child), ended])
  return {
    ports,
    async cpu () {
      child.send('cpu')
      const { cpu } = await Promise.race([message<{ cpu: NodeJS.CpuUsage }>(child), ended])
      return cpu.user + cpu.system
    },
    async stop () {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    }
  }
}

async function message<T> (child: ChildProcess): Promise<T> {
  return await new Promise(resolve => child.once('message', data => resolve(data as T)))
}

/** The part of its types that autocannon has left out. */
interface Result {
  readonly errors: number
  readonly statusCodeStats: Readonly<Record<string, { count: number }>>
}

interface Client {
  setRequests(requests: object[]): void
}

/**
 * Sends the requests over ten connections, each once. @throws when one is answered with another
 * status than this one
 */
export async function send (
  port: number,
  requests: readonly Sent[],
  status: number
): Promise<void> {
  const shares = Array.from(
    { length: connections },
    (_, lane) => requests.filter((_, index) => index % connections === lane)
  )
  let lane = 0
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    amount: requests.length,
    // autocannon looks this often whether all are answered.
    sampleInt: 50,
    setupClient: (client: Client) =>
      client.setRequests(
        (shares[lane++ % connections] ?? []).map(({ method, path, headers, body }) => ({
          method,
          path,
          headers: { ...headers },
          ...body !== undefined && { body }
        }))
      )
  }) as unknown as Result
  const answered = result.statusCodeStats
  const right = answered[status]?.count ?? 0
  // A sender of too large a body may find the connection closed while it still sends.
  const cutOff = status === 413 ? result.errors : 0
  if (result.errors > cutOff || right + cutOff !== requests.length) {
    throw new Error(
      `of ${requests.length} requests ${right} were answered with ${status}: ${
        JSON.stringify(answered)
      }, ${result.errors} errors`
    )
  }
}

/** One request by itself: its status and text. */
export async function sendRequest (
  port: number,
  { method, path, headers, body }: Sent
): Promise<{ status: number, text: string }> {
  // As a list, so that a name can stand there twice.
  const list = Object.entries({
    host: `127.0.0.1:${port}`,
    ...headers,
    ...body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }
  }).flat()
  const sent = request({ host: '127.0.0.1', port, method, path, headers: list, agent: false }).end(
    body
  )
  const [reply] = await once(sent, 'response') as [IncomingMessage]
  return { status: reply.statusCode ?? 0, text: await text(reply) }
}
