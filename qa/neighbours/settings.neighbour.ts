// Every vendor's route with other protocols, settings of Fastify and more plugins. Each reply must
// equal the reply without them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { diContainer, fastifyAwilixPlugin } from '@fastify/awilix'
import circuitBreaker from '@fastify/circuit-breaker'
import cookie from '@fastify/cookie'
import express from '@fastify/express'
import helmet from '@fastify/helmet'
import middie from '@fastify/middie'
import multipart from '@fastify/multipart'
import { fastifyRequestContext, requestContext } from '@fastify/request-context'
import sensible from '@fastify/sensible'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import rawBody from 'fastify-raw-body'
import type { ContractRequest } from '../../plugins/contract/index.ts'
import { send, sendHttp2, type Signed } from './every-vendor.ts'
import { compareReplies, type Setting } from './table.ts'

const https = createCertificate()
const secureHttp2 = { http2: true, https } as never
const secureBoth = { http2: true, https: { ...https, allowHTTP1: true } } as never

function createCertificate (): { key: string, cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'neighbours-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  try {
    execFileSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
      ...['-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert]
    ], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** AudioHook has no HTTP/2. Over HTTP/1, Fastify itself refuses a body without a type. */
const refusesOverHttp2 = (signed: Signed, requestName: string): boolean =>
  signed.decorator === 'genesysAudiohook' ||
  (requestName === 'no content type' && signed.genuine().body !== undefined)

const overHttp2 = async (app: FastifyInstance, request: ContractRequest) =>
  await sendHttp2(app, request, 'https')

interface Middleware {
  use(step: (request: unknown, response: unknown, next: () => void) => void): void
}

const settings: Record<string, Setting> = {
  'HTTP/2 over TLS': { options: secureHttp2, send: overHttp2, refuses: refusesOverHttp2 },
  'allowHTTP1, over HTTP/2': { options: secureBoth, send: overHttp2, refuses: refusesOverHttp2 },
  'allowHTTP1, over HTTP/1': {
    options: secureBoth,
    send: async (app, request) => await send(app, request, { scheme: 'https' })
  },
  'Expect: 100-continue': {
    send: async (app, request) =>
      request.body === undefined ? await send(app, request) : await send(app, {
        ...request,
        headers: { ...request.headers, expect: '100-continue' }
      }, {
        write (outgoing, body) {
          outgoing.flushHeaders()
          outgoing.once('continue', () => outgoing.end(body))
        }
      })
  },
  'a slow body': {
    send: async (app, request) =>
      await send(app, request, {
        async write (outgoing, body = '') {
          outgoing.flushHeaders()
          await wait(2)
          outgoing.write(body.slice(0, 1))
          await wait(2)
          outgoing.end(body.slice(1))
        }
      })
  },
  'hooks that wait': {
    before (app) {
      app.addHook('onRequest', async () => await wait(2))
      app.addHook('preParsing', async (_request, _reply, payload) => {
        await wait(2)
        return payload
      })
      app.addHook('onSend', async () => {
        await wait(2)
      })
    }
  },
  '@fastify/middie': {
    async before (app) {
      await app.register(middie)
      ;(app as unknown as Middleware).use((_request, _response, next) => {
        setImmediate(next)
      })
    }
  },
  '@fastify/express': {
    async before (app) {
      await app.register(express)
      ;(app as unknown as Middleware).use((_request, _response, next) => {
        setImmediate(next)
      })
    },
    answers: isMalformedUrl
  },
  '@fastify/helmet': { before: app => app.register(helmet, { global: true }) },
  '@fastify/sensible': { before: app => app.register(sensible) },
  '@fastify/request-context': {
    async before (app) {
      await app.register(fastifyRequestContext)
      app.addHook('onRequest', async ({ id }) => {
        requestContext.set('id' as never, id as never)
      })
      app.addHook('onSend', async request => assertContext(request))
    },
    route: { preHandler: async request => assertContext(request) }
  },
  '@fastify/circuit-breaker': {
    async before (app) {
      await app.register(circuitBreaker, { threshold: 1000 })
      app.addHook('onRoute', route => {
        route.preHandler = [app.circuitBreaker(), ...[route.preHandler ?? []].flat()]
      })
    }
  },
  '@fastify/awilix': {
    before: app =>
      app.register(fastifyAwilixPlugin, {
        container: diContainer,
        disposeOnClose: true,
        disposeOnResponse: true
      })
  },
  '@fastify/cookie, signed': {
    async before (app) {
      // Not one of Node's MACs: the tripwire would report it in a refusal.
      const secret = {
        sign: (value: string) => `${value}.signed`,
        unsign: (value: string) => ({ valid: true as const, renew: false, value })
      }
      await app.register(cookie, { secret })
      app.addHook('onRequest', async (_request, reply) => {
        reply.setCookie('visit', '1', { signed: true })
      })
    }
  },
  '@fastify/multipart, keyValues': {
    before: app => app.register(multipart, { attachFieldsToBody: 'keyValues' })
  },
  'fastify-raw-body': {
    before: app => app.register(rawBody, { global: true, runFirst: true, encoding: false }),
    // Its JSON parser has another error, which quotes the body.
    refuses: (signed, requestName) =>
      signed.genuine().body !== undefined && /^(?:malformed|gzip|br)$/.test(requestName)
  },
  'time limits': { options: { handlerTimeout: 30_000, requestTimeout: 30_000 } as never },
  'own loggers and ids': {
    options: {
      disableRequestLogging: true,
      genReqId: () => 'one',
      requestIdHeader: 'x-id',
      childLoggerFactory: (logger, bindings) => logger.child({ ...bindings, own: true }),
      return503OnClosing: false,
      exposeHeadRoutes: false
    },
    route: { logLevel: 'debug' }
  },
  'own error settings': {
    options: {
      frameworkErrors (error, _request, reply) {
        ;(reply as FastifyReply).code(error.statusCode ?? 500).send(error)
      },
      clientErrorHandler (_error, socket) {
        socket.destroy()
      },
      schemaErrorFormatter: () => new Error('schema')
    },
    answers: isMalformedUrl
  },
  'an abort hook and a timeout hook': {
    before (app) {
      app.addHook('onRequestAbort', async _request => {})
      app.addHook('onTimeout', async () => {})
    }
  },
  'own parsers of the URL': {
    options: {
      routerOptions: {
        useSemicolonDelimiter: true,
        querystringParser: (text: string) => Object.fromEntries(new URLSearchParams(text))
      }
    } as never
  },
  'constraints': {
    before (app) {
      app.addConstraintStrategy({
        name: 'colour',
        storage () {
          const handlers = new Map<string, never>()
          return {
            get: colour => handlers.get(String(colour)) ?? null,
            set: (colour, handler) => handlers.set(String(colour), handler as never)
          }
        },
        deriveConstraint: request => request.headers['x-colour'] as string ?? 'red',
        validate: () => true,
        mustMatchWhenDerived: false
      })
    },
    route: { constraints: { host: /./, colour: 'red' } as never }
  },
  'shared schemas': {
    before (app) {
      app.addSchema({ $id: 'anything', type: 'object', additionalProperties: true })
      app.addSchema({
        $id: 'result',
        type: 'object',
        properties: { scheme: { type: 'string' } },
        additionalProperties: true
      })
    },
    route: {
      schema: { params: { $ref: 'anything#' }, response: { 200: { $ref: 'result#' } } }
    }
  },
  'settings of the route': {
    route: {
      bodyLimit: 10_000,
      attachValidation: true,
      config: { own: true } as never,
      exposeHeadRoute: false
    }
  },
  'an error handler of the scope': {
    before (app) {
      app.setErrorHandler(async (_error, _request, reply) => {
        reply.code(418)
        return 'own'
      })
      app.setNotFoundHandler(async (_request, reply) => reply.code(404).send('own'))
    }
  }
}

/** A request without a body is malformed in its URL. */
function isMalformedUrl (signed: Signed, requestName: string): boolean {
  return requestName === 'malformed' && signed.genuine().body === undefined
}

function assertContext ({ id }: FastifyRequest): void {
  if (requestContext.get('id' as never) !== id) throw new Error('the context is lost')
}

compareReplies(settings)
