import assert from 'node:assert/strict'
import type { FastifyInstance } from 'fastify'
import { type Outcome, verificationChannel } from '../kit/route/outcomes.ts'
import type { Verification } from '../kit/route/verify.ts'
import { now, secret } from './fixtures.ts'
import type { ContractOptions, PluginContract } from './plugin.ts'
import type { ContractRequest } from './request.ts'

/** The reply to a request, and the outcome of its verification. */
export interface Reply {
  readonly status: number
  readonly body: string
  /** The outcome of the hook; undefined if the request did not reach it. */
  readonly code: string | undefined
}

/** Fastify's own channel, published before each handler, so that the suite needs no hook. */
export const handlerStarts = 'tracing:fastify.request.handler:start'

/** Sends a request to the app of a case. */
export type Inject = (request: ContractRequest) => Promise<Reply>

/** Runs a case against an app of its own, by default with the suite's key and clock. */
export async function withApp (
  contract: PluginContract,
  options: Partial<ContractOptions>,
  runCase: (inject: Inject) => Promise<void>
): Promise<void> {
  const app = await contract.build({ keys: secret, now: () => now, replay: false, ...options })
  try {
    await runCase(request => injectRequest(app, request))
  } finally {
    await app.close()
  }
}

/** Asserts that the request was accepted, and returns its verification. */
export function assertAccepted (reply: Reply): Verification {
  assertPassed(reply)
  return JSON.parse(reply.body) as Verification
}

/** Asserts that the request was accepted; the reply may have no body. */
export function assertPassed ({ status, body, code }: Reply): void {
  assert.equal(code, 'OK', 'the outcome of the hook')
  assert.equal(status, 200, body)
}

/** Asserts a refusal with one of these codes; without codes, also one before the hook. */
export function assertRefusal ({ status, body, code }: Reply, ...codes: string[]): void {
  if (codes.length > 0) {
    assert.ok(
      codes.some(expected => expected === code),
      `expected ${codes.join(' or ')}, got ${code}`
    )
  }
  assert.notEqual(code, 'OK', 'the outcome of the hook')
  assert.ok(status >= 400 && (status < 500 || status === 503), `status ${status}: ${body}`)
}

async function injectRequest (
  app: FastifyInstance,
  { method, url, headers, body }: ContractRequest
): Promise<Reply> {
  const outcomes: Outcome[] = []
  const listen = (message: unknown): void => {
    outcomes.push(message as Outcome)
  }
  verificationChannel.subscribe(listen)
  try {
    const reply = await app.inject({
      method,
      url,
      headers: headers as Record<string, string | string[]>,
      ...body !== undefined && { payload: body }
    })
    return { status: reply.statusCode, body: reply.body, code: outcomes.at(-1)?.code }
  } finally {
    verificationChannel.unsubscribe(listen)
  }
}
