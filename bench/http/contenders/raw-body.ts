import type { FastifyInstance } from 'fastify'
import rawBody from 'fastify-raw-body'
import { peers } from '../../peers/index.ts'
import { answer } from '../answer.ts'

/** Its types are there only where the benchmark's own packages are installed. */
interface Decorated {
  rawBody?: string | Buffer
}

/** fastify-raw-body, as its README says, and one of the peers on what it kept. */
export async function contender (app: FastifyInstance, name: string): Promise<void> {
  const peer = peers[name]
  if (peer === undefined) throw new Error(`no peer is called ${name}`)
  await app.register(rawBody, {
    global: false,
    runFirst: true,
    encoding: peer.raw === 'bytes' ? false : 'utf8'
  })
  app.post('/', {
    config: { rawBody: true },
    preValidation: async (request, reply) => {
      try {
        const { rawBody: raw } = request as unknown as Decorated
        if (
          raw !== undefined &&
          await peer.verify(raw, request.headers as Record<string, string>, request.url)
        ) return
      } catch {}
      return await reply.code(401).send({ error: 'unauthorized' })
    }
  }, answer)
}
