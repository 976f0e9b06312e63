// Services with classic mistakes, for the lab to find. They use node:http alone, so that they share
// no mistake with the package.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export const key = 'a-key-of-at-least-16'
export const oldKey = 'the-key-of-last-year'
export const caller = '+821012345678'

export interface Reply {
  status: number
  body: object | string
  headers?: Record<string, string>
}
export type Service = (
  request: IncomingMessage,
  body: Buffer,
  firstPiece: Buffer
) => Reply | Promise<Reply>

/** Serves on loopback until the test ends. Errors become 500, as in most frameworks. */
export async function serve (
  t: Test,
  service: Service,
  onCut: () => void = () => {}
): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', onCut)
    response.on('close', () => {
      if (!response.writableFinished) onCut()
    })
    request.on(
      'end',
      () =>
        answer(
          response,
          async () => await service(request, Buffer.concat(chunks), chunks[0] ?? Buffer.alloc(0))
        )
    )
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.after(() => {
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answer (response: ServerResponse, work: () => Promise<Reply>): Promise<void> {
  const reply = await work().catch((error: unknown): Reply => ({
    status: 500,
    body: String(error)
  }))
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(
    typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  )
}

/**
 * Waits until another request may have arrived. A longer wait lets a busy machine cut the
 * connection first.
 */
export const later = async (ms = 40): Promise<void> =>
  await new Promise(resolve => setTimeout(resolve, ms))

export const mac = (secret: string, message: string | Buffer): string =>
  createHmac('sha256', secret).update(message).digest('base64')

/** Compares correctly, or with the given mistake. */
export function isEqual (received: string, expected: string, mistake: string): boolean {
  const a = Buffer.from(received)
  const b = Buffer.from(expected)
  if (mistake === 'throws on unequal lengths') return timingSafeEqual(a, b)
  if (mistake === 'compares characters, then bytes') {
    return received.length === expected.length && timingSafeEqual(a, b)
  }
  return a.length === b.length && timingSafeEqual(a, b)
}

export function isFresh (time: number, mistake: string): boolean {
  const age = Date.now() - time
  if (mistake === 'no window') return true
  if (mistake === 'no future side') return age <= 300_000
  if (mistake === 'no past side') return age >= -300_000
  if (mistake === "a window for yesterday's clocks only") return age >= 0 && age <= 300_000
  return Math.abs(age) <= 300_000
}
