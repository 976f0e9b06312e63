// Every vendor's route with other plugins and settings, on real sockets. Each reply must equal the
// reply without them.
import { gunzipSync } from 'node:zlib'
import caching from '@fastify/caching'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import httpProxy from '@fastify/http-proxy'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import type { ContractRequest } from '../../plugins/contract/index.ts'
import { type HttpReply, send, sendHttp2, sendRaw, serializeRequest } from './every-vendor.ts'
import { all, compareReplies, parseReply, type Setting, shapeOf, startApp } from './table.ts'

const sendGunzipped = async (
  app: FastifyInstance,
  request: ContractRequest
): Promise<HttpReply> => {
  const reply = await send(app, {
    ...request,
    headers: { ...request.headers, 'accept-encoding': 'gzip' }
  })
  if (reply.headers['content-encoding'] !== 'gzip') return reply
  return { ...reply, body: gunzipSync(Buffer.from(reply.body, 'latin1')).toString() }
}

const settings: Record<string, Setting> = {
  'HTTP/2': { options: { http2: true } as never, send: sendHttp2 },
  '@fastify/compress, replies': {
    before: app => app.register(compress, { threshold: 0 }),
    send: sendGunzipped
  },
  '@fastify/websocket': { before: app => app.register(websocket) },
  '@fastify/rate-limit': { before: app => app.register(rateLimit, { max: 10_000 }) },
  '@fastify/under-pressure': {
    before: app => app.register(underPressure, { maxHeapUsedBytes: 1e12, exposeStatusRoute: true })
  },
  '@fastify/multipart, attachFieldsToBody': {
    before: app => app.register(multipart, { attachFieldsToBody: true })
  },
  '@fastify/caching and @fastify/etag': {
    before: async app => {
      await app.register(caching, { privacy: caching.privacy.NOCACHE })
      // Not one of Node's hashes: the tripwire would treat the hashed text as signed.
      await app.register(etag, { algorithm: 'fnv1a' })
    }
  },
  '@fastify/cors': { before: app => app.register(cors, { origin: true }) },
  '@fastify/http-proxy beside': {
    before: app => app.register(httpProxy, { upstream: 'http://127.0.0.1:9', prefix: '/elsewhere' })
  },
  'an error handler that throws again': {
    before: app =>
      app.setErrorHandler(error => {
        throw error
      })
  },
  'a reply serializer': {
    before: app => app.setReplySerializer(payload => JSON.stringify(payload))
  },
  'ajv removes and coerces': {
    options: {
      ajv: { customOptions: { removeAdditional: 'all', coerceTypes: 'array', useDefaults: true } }
    },
    route: {
      schema: {
        querystring: { type: 'object', properties: { more: { type: 'integer', default: 1 } } }
      }
    }
  },
  'a validator compiler that takes all': {
    before: app => app.setValidatorCompiler(() => data => ({ value: data }))
  },
  'rewriteUrl': {
    options: { rewriteUrl: ({ url = '' }) => url.replace(/^\/before\//, '/') },
    send: async (app, request) => await send(app, { ...request, url: `/before${request.url}` })
  },
  'a router that is lenient': {
    options: {
      routerOptions: {
        caseSensitive: false,
        ignoreTrailingSlash: true,
        ignoreDuplicateSlashes: true
      }
    }
  },
  'reply.hijack': { route: { hijack: true } },
  'chunks and a trailer': {
    send: async (app, request) =>
      parseReply(await sendRaw(app, serializeRequest(request, { trailer: 'x-more: 1\r\n' })))
  },
  'a proxy that hangs up half-way before': {
    send: async (app, request) => {
      await sendRaw(app, serializeRequest(request).slice(0, -12), true)
      return await send(app, request)
    }
  }
}

compareReplies(settings)

t.test('every vendor: HEAD is protected like GET, and OPTIONS reveals nothing', async t => {
  for (const signed of all.filter(entry => entry.genuine().method === 'GET')) {
    const app = await startApp(
      t,
      signed,
      { before: app => app.register(cors, { origin: true }) },
      []
    )
    const head = async (request: ContractRequest) =>
      (await send(app, { ...request, method: 'HEAD' })).status
    t.ok(await head(signed.forged()) >= 400, `${signed.name}: forged`)
    t.equal(await head(signed.genuine()), 200, `${signed.name}: genuine`)
    const { url } = signed.genuine()
    const headers = { origin: 'https://other.example', 'access-control-request-method': 'GET' }
    t.equal((await send(app, { method: 'OPTIONS' as never, url, headers })).body, '')
    // An unsigned body must not cause a failure.
    const withBody = { ...signed.forged(), body: '{"a":1}' }
    t.match((await send(app, withBody)).status, (await send(app, signed.forged())).status)
  }
})

t.test('every vendor: answers each request on one connection separately', async t => {
  for (const signed of all) {
    const app = await startApp(t, signed, {}, [])
    const output = await sendRaw(
      app,
      serializeRequest(signed.genuine(), { close: false }) +
        serializeRequest(signed.forged(), { close: false }) +
        serializeRequest(signed.forged())
    )
    const statuses = [...output.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map(([, status]) =>
      Number(status)
    )
    t.equal(statuses[0], 200, signed.name)
    t.ok(statuses.length === 3 && statuses.slice(1).every(status => status >= 400 && status < 500))
  }
})

t.test('every vendor: works behind @fastify/http-proxy and a rate limit', async t => {
  for (const signed of all) {
    const app = await startApp(t, signed, {}, [])
    const front = Fastify({ forceCloseConnections: true })
    t.after(() => front.close())
    const { port } = app.server.address() as { port: number }
    await front.register(httpProxy, {
      upstream: `http://127.0.0.1:${port}`,
      replyOptions: {
        rewriteRequestHeaders: ({ headers: { host } }, headers) => ({ ...headers, host })
      }
    })
    await front.listen({ host: '127.0.0.1', port: 0 })
    t.equal((await send(front, signed.genuine())).status, 200, `${signed.name}: genuine`)
    t.same(
      (await send(front, signed.forged())).body,
      (await send(app, signed.forged())).body,
      `${signed.name}: forged`
    )
    const limited = await startApp(t, signed, {
      before: app => app.register(rateLimit, { max: 1 })
    }, [])
    await send(limited, signed.genuine())
    const second = await send(limited, signed.genuine())
    t.not(second.status, 200, `${signed.name}: over the limit`)
    t.ok('retry-after' in second.headers)
    t.same(shapeOf(second), shapeOf(await send(app, signed.forged())), "in the vendor's shape")
  }
})
