import type { FastifyInstance } from 'fastify'
import rawBody from 'fastify-raw-body'
import { peers } from '../../peers/index.ts'
import { answer } from '../answer.ts'

/** fastify-raw-body, as its README says, and one of the peers on what it kept. */
export async function contender (app: FastifyInstance, name: string): Promise<void> {
  const peer = peers[name]
  if (peer === undefined) throw new Error(`no peer is called ${name}`)
  await app.register(rawBody, { global: false, runFirst: true, encoding: peer.raw === 'bytes' ? false : 'utf8' })
  app.post('/', {
    config: { rawBody: true },
    preValidation: async (request, reply) => {
      try {
        if (request.rawBody !== undefined && await peer.verify(request.rawBody, request.headers as Record<string, string>, request.url)) return
      } catch {}
      return await reply.code(401).send({ error: 'unauthorized' })
    }
  }, answer)
}
