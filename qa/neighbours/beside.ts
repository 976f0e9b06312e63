import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { createScheme } from '../../plugins/contiple/index.ts'

export const keys = 'a-key-for-these-tests-only'
process.env.CONTIPLE_KEY = keys
const scheme = createScheme()
export const body = '{"callNum":"+4712345678","n":1234567890123456789}'

export function headersFor (text = body, timestamp = String(Date.now())): Record<string, string> {
  return {
    'content-type': 'application/json',
    authorization: scheme.sign({ body: text, timestamp }, keys),
    'x-tc-timestamp': timestamp
  }
}

/**
 * Checks on a real socket that genuine, forged and malformed requests get the vendor's responses.
 */
export async function works (
  t: Test,
  app: FastifyInstance,
  url = '/contiple/customer'
): Promise<void> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const post = async (text: string, signed = text) => {
    const reply = await fetch(`http://127.0.0.1:${port}${url}`, {
      method: 'POST',
      headers: headersFor(signed),
      body: text
    })
    return [reply.status, await reply.json()]
  }
  t.match(await post(body), [200, { data: { userName: 'Kari' } }], 'genuine')
  t.match(await post(body, '{}'), [403, { error: { code: 'FST_CC_SIGNATURE_INVALID' } }], 'forged')
  const [status, broken] = await post('{"callNum":')
  t.equal(status, 400, 'malformed')
  t.type((broken as { error: { code: string } }).error.code, 'string', "in the vendor's shape")
}

export async function plain (app: FastifyInstance): Promise<void> {
  app.post('/contiple/customer', { preValidation: app.contiple.verify }, async () => ({
    data: { userName: 'Kari' }
  }))
}
