import { createHmac, timingSafeEqual } from 'node:crypto'
import type { preValidationAsyncHookHandler } from 'fastify'
import { secret } from '../../samples.ts'
import { answer, type Contender } from '../answer.ts'

export const contender: Contender = async function (app) {
  app.post('/', { preValidation: createHuaweiCheck(secret) }, answer)
}

/**
 * What Huawei signs, with the least code: the parameters as JSON.parse reads them, sorted and
 * joined, and the nonce in a Map. It is not right for numbers of 19 digits, nor does the Map ever
 * get smaller, but the work is the same.
 */
export function createHuaweiCheck (secret: string): preValidationAsyncHookHandler {
  const seenNonces = new Map<string, number>()
  return async (request, reply) => {
    const { signature = '', timestamp = '', nonce = '', ...params } = request.body as Record<
      string,
      string
    >
    const text = Object.keys(params).sort().map(name => `${name}=${params[name]}`).join(',')
      .replaceAll(' ', '')
    const mac = Buffer.from(signature, 'base64')
    const expected = createHmac('sha256', secret)
      .update(`${secret}_${timestamp}_${nonce}_${text}`).digest()
    const now = Date.now()
    if (
      mac.length !== expected.length || !timingSafeEqual(mac, expected) ||
      Math.abs(now - Number(timestamp)) > 300_000 || (seenNonces.get(nonce) ?? 0) > now
    ) {
      return await reply.code(401).send({ error: 'unauthorized' })
    }
    seenNonces.set(nonce, now + 600_000)
  }
}
