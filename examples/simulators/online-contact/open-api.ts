import { createHash } from 'node:crypto'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { InputError, isInt64, singleHeader } from 'fastify-contact-center/kit'
import { createAnswerHook } from '../shared/answers.ts'
import type { EventLog } from '../shared/events.ts'
import { findSignatureMistake } from './open-api-signature.ts'
import type { OpenApiCall } from 'fastify-contact-center/online-contact'

interface Parts {
  readonly values: {
    readonly answers: string,
    readonly openApiKey: string,
    readonly organization: string
  }
  readonly events: EventLog
  readonly clock: () => number
}

const toleranceMs = 300_000

/**
 * Checks the signature of all calls below `/{service}/openapi/v1/` and reports how it read them.
 * Does not simulate the operations.
 */
export const openApiRoutes: FastifyPluginAsync<Parts> = async function openApiRoutes (
  app,
  { values, events, clock }
) {
  // Keeps the raw bytes, which are signed.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })

  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE'],
    url: '/:service/openapi/v1/*',
    onRequest: createAnswerHook(values),
    handler: async (request, reply) => {
      const reason = await findRefusal(request)
      const [uri] = request.url.split('?')
      events.record(
        'open-api',
        reason === undefined ? 'accepted' : 'refused',
        `${request.method} ${uri}: ${reason ?? 'the signature is right'}`
      )
      if (reason !== undefined) {
        return reply.code(403).send({
          header: { resultCode: 403, resultMessage: 'Access Denied', isSuccessful: false },
          result: null
        })
      }
      return {
        header: { resultCode: 200, resultMessage: '', isSuccessful: true },
        result: { simulated: true, method: request.method, uri }
      }
    }
  })

  async function findRefusal (request: FastifyRequest): Promise<string | undefined> {
    try {
      const signature = singleHeader(request, 'Authorization')
      const time = singleHeader(request, 'X-TC-Timestamp')
      const fault = findSignatureMistake(
        await toOpenApiCall(request, time),
        signature,
        values.openApiKey
      )
      return fault ??
        (isInt64(time) && Math.abs(clock() - Number(time)) <= toleranceMs
          ? undefined
          : 'the time is more than five minutes from now')
    } catch (error) {
      const { cause, message } = error as Error
      return cause instanceof Error ? cause.message : message
    }
  }

  async function toOpenApiCall (
    { url, body, headers }: FastifyRequest,
    time: string
  ): Promise<OpenApiCall> {
    const [uri = '', search = ''] = url.split('?')
    const query: Record<string, string[]> = {}
    for (const [name, value] of new URLSearchParams(search)) (query[name] ??= []).push(value)
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
    const file = await readUpload(bytes, headers['content-type'])
    return {
      organizationId: values.organization,
      uri,
      query,
      time,
      ...file === null
        ? { body: bytes }
        : { fileMd5: createHash('md5').update(file).digest('hex') }
    }
  }
}

/** The file of an upload, signed by its digest; null if there is none. */
async function readUpload (body: Buffer, type = ''): Promise<Uint8Array | null> {
  if (!type.toLowerCase().startsWith('multipart/form-data')) return null
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(
    () => {
      throw new InputError('the upload is unreadable')
    }
  )
  for (const [, part] of form) {
    if (typeof part !== 'string') return new Uint8Array(await part.arrayBuffer())
  }
  return null
}
