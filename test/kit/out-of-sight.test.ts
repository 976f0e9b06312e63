import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { assertProtected } from 'fastify-contact-center'
import contiple from 'fastify-contact-center/contiple'
import { capturedBody } from 'fastify-contact-center/kit'
import t from 'tap'
import { build } from '../helper.ts'
import { toy } from './toy.ts'

const keys = 'a-key-of-at-least-16'
const payload = '{"callNum":"+821012345678"}'

async function post (app: FastifyInstance, url: string, text = payload) {
  const headers = {
    'content-type': 'application/json',
    ...await app.contiple.signHeaders(payload)
  }
  const reply = await app.inject({ method: 'POST', url, headers, payload: text })
  return [reply.statusCode, reply.json()] as const
}

function callsVerify (app: FastifyInstance) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    await app.contiple.verify(request, reply)
    return { data: { userName: 'Kari' } }
  }
}

t.test('F3: a handler that called verify without any hook had no body', async t => {
  const app = await build(t, async app => {
    app.addHook('onRequest', async () => {})
    await app.register(contiple, { keys })
    app.setErrorHandler(async (_error, _request, reply) => reply.code(418).send({ mine: true }))
    app.post('/called', callsVerify(app))
    app.post('/shaped', {
      errorHandler: (_error, _request, reply) => reply.code(400).send({ own: 1 })
    }, callsVerify(app))
    app.post('/uploads', { bodyLimit: 2 ** 30 }, callsVerify(app))
    app.post('/plain', async () => {
      throw new Error('its own')
    })
  })
  t.same(await post(app, '/called'), [200, { data: { userName: 'Kari' } }])
  const forged = await post(app, '/called', '{"callNum":"+821087654321"}')
  t.match(forged, [403, { error: { code: 'FST_CC_SIGNATURE_INVALID' } }], "in the vendor's shape")
  t.match(await post(app, '/called', '{'), [400, { error: { code: String } }], 'malformed')
  t.same(await post(app, '/shaped', '{}'), [400, { own: 1 }], "the route's own error handler stays")
  t.equal(
    (await post(app, '/uploads'))[0],
    500,
    'the first body above the default limit is not captured'
  )
  t.equal((await post(app, '/uploads'))[0], 200, 'later ones are')
  t.same(await post(app, '/plain'), [418, { mine: true }], 'a sibling route is unchanged')
})

t.test('F3: beside guarded routes, such a handler refused its first genuine request', async t => {
  const lines: string[] = []
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.post('/hooked', { preValidation: app.contiple.verify }, async () => ({ data: {} }))
    app.post('/called', callsVerify(app))
    app.post('/late', async (request, reply) => {
      await new Promise(resolve => setTimeout(resolve, 20))
      return await callsVerify(app)(request, reply)
    })
    app.setNotFoundHandler(callsVerify(app))
    await app.register(async scope => {
      scope.post('/called', callsVerify(app))
      scope.setNotFoundHandler({ preValidation: app.contiple.verify }, async () => ({ data: {} }))
    }, { prefix: '/scope' })
    await app.register(async scope => {
      scope.addHook('preValidation', app.contiple.verify)
      scope.setNotFoundHandler(undefined as never)
    }, { prefix: '/closed' })
    app.post('/away', { config: { contactCenter: { capture: false } } }, callsVerify(app))
  }, { logger: { stream: { write: line => lines.push(line) } } })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const send = async (url: string, body = payload): Promise<number> => {
    const headers = {
      'content-type': 'application/json',
      ...await app.contiple.signHeaders(payload)
    }
    return (await fetch(origin + url, { method: 'POST', headers, body })).status
  }
  // The first request may be forged, and many may arrive at once.
  for (const url of ['/called', '/late', '/nowhere', '/scope/called', '/scope/nowhere']) {
    t.equal(await send(url, '{}'), 403, `${url}, forged`)
    const first = await Promise.all(Array.from({ length: 30 }, () => send(url)))
    t.same([...new Set(first)], [200], `${url}, the first genuine requests`)
    t.equal(await send(url), 200)
  }
  t.equal(await send('/closed/nowhere', '{}'), 403)
  t.equal(await send('/closed/nowhere'), 404)
  t.notMatch(lines.join(''), '"level":50', 'no error in the log')
  for (let n = 0; n < 2; n++) t.equal(await send('/away'), 500, 'as the route is configured')
  t.match(lines.join(''), 'the config of the route has contactCenter: { capture: false }')
})

t.test('F3: a sibling route is watched for ten replies, then left alone', async t => {
  const lines: string[] = []
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.post('/hooked', { preValidation: app.contiple.verify }, async () => ({ data: {} }))
    app.post('/sometimes', async (request, reply) => {
      return 'authorization' in request.headers
        ? await callsVerify(app)(request, reply)
        : hooksOf(request)
    })
    app.post('/with-hook', {
      preParsing: async () => {}
    }, async request => hooksOf(request))
  }, { logger: { stream: { write: line => lines.push(line) } } })
  const unsigned = async (url: string, payload = '{}') =>
    (await app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload
    })).json() as string[]
  t.same(await unsigned('/sometimes'), ['captureOnTrial'])
  for (let n = 0; n < 20; n++) await unsigned('/sometimes', '{')
  for (let n = 0; n < 9; n++) t.same(await unsigned('/sometimes'), ['captureOnTrial'])
  for (let n = 0; n < 3; n++) t.same(await unsigned('/sometimes'), [])
  for (let n = 0; n < 10; n++) await unsigned('/with-hook')
  t.same(await unsigned('/with-hook'), ['preParsing'], "the route's own hook stays")
  lines.length = 0
  t.match(await post(app, '/sometimes'), [500, { error: { code: 'FST_CC_BODY_NOT_CAPTURED' } }])
  t.match(lines.join(''), /verify for some requests only.*add config: \{ contactCenter/)
  for (let n = 0; n < 3; n++) {
    t.equal((await post(app, '/sometimes'))[0], 200, 'later bodies are captured')
  }
})

/** The names of the hooks that run on each body of the route. */
function hooksOf (request: FastifyRequest): string[] {
  const symbol = Object.getOwnPropertySymbols(request).find(candidate =>
    candidate.description === 'fastify.context'
  ) as symbol
  const { preParsing } = (request as unknown as Record<symbol, { preParsing: Function[] | null }>)[
    symbol
  ] as { preParsing: Function[] | null }
  return (preParsing ?? []).map(({ name }) => name.replace('bound ', ''))
}

t.test('for a route that Fastify does not show, the error names the config to add', async t => {
  const request = {
    method: 'POST',
    raw: { headers: { 'content-length': '2' }, httpVersionMajor: 1 },
    routeOptions: { config: {} }
  } as unknown as FastifyRequest
  t.throws(() => capturedBody(request), {
    cause: { message: /needs contactCenter: \{ capture: true \}/ }
  })
  const app = await build(t, app => toy(app))
  await t.rejects(app.toy.verify(Object.assign(request, { headers: {} })))
})

t.test('a sibling declared before the first guard is unchanged', async t => {
  let preParsing: unknown
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.addHook('onRoute', route => {
      if (route.url === '/before') preParsing = route.preParsing
    })
    app.post('/before', async request => ({ bytes: capturedBody(request).length }))
    app.post('/hooked', { preValidation: app.contiple.verify }, async () => ({ data: {} }))
  })
  t.equal(preParsing, undefined)
  t.same(await post(app, '/before'), [200, { bytes: payload.length }], 'and can use capturedBody')
})

t.test('R1: a literal behind a $ref, or on a route with a hidden guard, replaces no value', async t => {
  const lines: string[] = []
  const literal = { type: 'object', properties: { ok: { const: '0' }, name: { type: 'string' } } }
  const responses: Record<string, [response: object, wrong: unknown, right: unknown]> = {
    reference: [{ 200: { $ref: 'reply#' } }, { ok: '1' }, { ok: '0' }],
    'part of a reference': [
      { '2XX': { $ref: 'nested#/definitions/part' } },
      { ok: 1 },
      { ok: 0, name: 'a' }
    ],
    'reference in a reference': [
      { default: { type: 'array', items: { $ref: 'nested' } } },
      [{ inner: { ok: '0' } }, { inner: { ok: '1' } }],
      [{ inner: { ok: '0' } }]
    ],
    'media type': [
      { 200: { content: { 'application/json': { schema: { $ref: 'reply#' } } } } },
      { ok: 'no' },
      { ok: '0' }
    ],
    'any media type': [
      { 200: { content: { '*/*': { schema: { $ref: 'reply#' } } } } },
      { ok: 'no' },
      { ok: '0' }
    ],
    'all of': [{ 200: { allOf: [{ $ref: 'reply#' }] } }, { ok: null }, { ok: '0' }],
    tuple: [
      { 200: { type: 'array', items: [{ type: 'string' }, { $ref: 'reply#' }] } },
      ['a', { ok: '1' }],
      ['a', { ok: '0' }]
    ],
    names: [
      { 200: { type: 'object', patternProperties: { '^x': { $ref: 'reply#' } } } },
      { x1: { ok: '1' } },
      { x1: { ok: '0' } }
    ],
    'other names': [
      { 200: { type: 'object', additionalProperties: { $ref: 'reply#' } } },
      { x1: { ok: '1' } },
      { x1: { ok: '0' } }
    ],
    null: [
      { 200: { $ref: 'null#' } },
      { ok: '1', also: null },
      { ok: null, also: null }
    ],
    failure: [{ 200: { $ref: 'reply#' }, '5xx': { $ref: 'reply#' } }, { ok: 0.5 }, { ok: '0' }]
  }
  for (const hidden of [false, true]) {
    const app = await build(t, async app => {
      await app.register(contiple, { keys })
      app.addSchema({ $id: 'reply', ...literal })
      app.addSchema({
        $id: 'nested',
        definitions: { part: literal },
        type: 'object',
        properties: { inner: { $ref: '#/definitions/part' } }
      })
      app.addSchema({
        $id: 'null',
        type: 'object',
        properties: {
          ok: { const: '0', type: ['string', 'null'] },
          also: { const: '0', type: 'string', nullable: true }
        }
      })
      const { verify } = app.contiple
      const preValidation = hidden
        ? async (request: FastifyRequest) => await verify(request)
        : verify
      for (const [name, [response]] of Object.entries(responses)) {
        for (const index of [1, 2] as const) {
          const url = `/${name.replaceAll(' ', '-')}/${index}`
          app.post(
            url,
            { preValidation, schema: { response } },
            async () => responses[name]?.[index]
          )
        }
      }
      app.post('/inline', {
        preValidation,
        schema: { response: { 200: Type.Object({ ok: Type.Literal('0') }) } }
      }, async () => ({ ok: '1' as '0' }))
    }, { logger: { stream: { write: line => lines.push(line) } } })
    for (const [name, [, , right]] of Object.entries(responses)) {
      const url = `/${name.replaceAll(' ', '-')}`
      t.equal((await post(app, `${url}/1`))[0], 500, `${name}, hidden: ${hidden}`)
      t.match(await post(app, `${url}/2`), [
        200,
        JSON.parse(JSON.stringify(right).replace(':0', ':"0"'))
      ])
    }
    t.same(
      await post(app, '/inline'),
      hidden
        ? [500, {
          error: { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error', detail: null }
        }]
        : [200, { ok: '1' }]
    )
  }
  t.match(lines.join(''), 'differs from a literal in its schema')
})

t.test('R1: no keyword of a schema lets a literal replace a value', async t => {
  const ok = { ok: { const: '0' } }
  const literal = { type: 'object', properties: ok }
  const text = { type: 'string' }
  const kind = (name: string) => ({ type: 'object', properties: { kind: { const: name } } })
  const shapes: Record<string, object> = {
    'if, then, else': {
      type: 'object',
      if: { ...kind('a'), required: ['kind'] },
      then: { properties: { kind: text, ...ok } },
      else: { properties: { kind: text, ok: { const: '9' } } }
    },
    'if in all of': {
      type: 'object',
      allOf: [{ if: kind('a'), then: { properties: { kind: text, ...ok } } }]
    },
    'if in if': {
      type: 'object',
      if: { type: 'object', required: ['kind'] },
      then: { if: kind('a'), then: { properties: ok }, else: { properties: ok } }
    },
    'if by reference': {
      type: 'object',
      definitions: { a: kind('a') },
      if: { $ref: '#/definitions/a' },
      then: { properties: ok },
      else: { properties: ok }
    },
    'any of': { anyOf: [literal, { type: 'object', properties: { no: text } }] },
    'any of, in a property': {
      type: 'object',
      properties: { ok: { anyOf: [{ const: '0' }, { const: '7' }] } }
    },
    'one of': {
      oneOf: [{ ...literal, required: ['name'] }, { type: 'object', properties: { no: text } }]
    },
    'any of, beside properties': {
      ...literal,
      anyOf: [{ required: ['name'] }, { required: ['kind'] }, {}]
    },
    'all of': { allOf: [literal, { type: 'object', properties: { name: text } }] },
    not: { type: 'object', not: literal, properties: { ok: { not: { const: '1' } } } },
    'dependent schemas': {
      type: 'object',
      properties: { ok: text, name: text },
      dependentSchemas: { name: literal, const: literal }
    },
    dependencies: { type: 'object', properties: { ok: text }, dependencies: { name: literal } },
    names: { type: 'object', patternProperties: { '^o': { const: '0' } } },
    'other names': { type: 'object', additionalProperties: { const: '0' } },
    'literal and default': { type: 'object', properties: { ok: { const: '0', default: '0' } } },
    'default': { type: 'object', properties: { ok: { type: 'string', default: '0' } } },
    'enum of one': { type: 'object', properties: { ok: { type: 'string', enum: ['0'] } } },
    'of several types': {
      type: 'object',
      properties: { ok: { type: ['string', 'null'], const: '0' } }
    },
    'an object': { type: 'object', properties: { ok: { const: { deep: '0' } } } }
  }
  const values: object[] = [
    { ok: '1' },
    { ok: '1', name: 'n' },
    { ok: '1', kind: 'a' },
    { ok: '0', kind: 'a' },
    { ok: '9', kind: 'b' },
    { ok: '0', kind: 'b' },
    { ok: { deep: '1' } }
  ]
  let value: object = {}
  for (const guard of ['visible', 'hidden', 'reference'] as const) {
    const app = await build(t, async app => {
      await app.register(contiple, { keys })
      const { verify } = app.contiple
      const preValidation = guard === 'hidden'
        ? async (request: FastifyRequest) => await verify(request)
        : verify
      for (const [name, schema] of Object.entries(shapes)) {
        const $id = name.replaceAll(/[^a-z]/g, '-')
        app.addSchema({ $id, ...schema })
        const response = { 200: guard === 'reference' ? { $ref: `${$id}#` } : schema }
        app.post(`/${$id}`, { preValidation, schema: { response } }, async () => value)
      }
    })
    for (const name of Object.keys(shapes)) {
      for (value of values) {
        const [status, body] = await post(app, `/${name.replaceAll(/[^a-z]/g, '-')}`) as [
          number,
          { ok?: unknown }
        ]
        const { ok } = value as { ok: unknown }
        const label = `${name}, ${guard}: ${JSON.stringify(value)} became ${JSON.stringify(body)}`
        // A property may be dropped, or an object become text; it must not have another value.
        const isKept = !('ok' in body) || JSON.stringify(body.ok) === JSON.stringify(ok) ||
          (typeof ok === 'object' && typeof body.ok === 'string')
        t.ok(status === 500 || isKept, label)
        // Fastify itself refuses values that match no branch.
        const isRefused = name === 'any of, in a property' || typeof ok !== 'string'
        if (guard === 'visible' && !isRefused) t.equal(status, 200, label)
      }
    }
  }
  // A value equal to the literal is no failure.
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    for (const [name, value] of [['a', '0'], ['b', '9']] as const) {
      app.post(`/${name}`, {
        preValidation: async request => await app.contiple.verify(request),
        schema: { response: { 200: shapes['if, then, else'] } }
      }, async () => ({ kind: name, ok: value }))
    }
  })
  t.same(await post(app, '/a'), [200, { kind: 'a', ok: '0' }])
  t.same(await post(app, '/b'), [200, { kind: 'b', ok: '9' }])
})

t.test("R1: another library's response schema is left to its compiler", async t => {
  class Shape {
    readonly const = '0'
  }
  const shapes: unknown[] = []
  const app = await build(t, async app => {
    await app.register(contiple, { keys })
    app.setSerializerCompiler(({ schema }) => {
      shapes.push(schema)
      return JSON.stringify
    })
    app.post('/other', {
      preValidation: app.contiple.verify,
      schema: { response: { 200: new Shape() } }
    }, async (_request, reply) => reply.type('application/json; charset=utf-8').send('{"ok":1}'))
  })
  t.same(await post(app, '/other'), [200, { ok: 1 }])
  t.ok(shapes[0] instanceof Shape)
})

t.test('assertProtected trusts capture: true, and names other routes that call verify', async t => {
  const open = build(t, async app => {
    await app.register(contiple, { keys })
    assertProtected(app)
    app.post('/called', callsVerify(app))
    app.post('/says-so', { config: { contactCenter: { capture: true } } }, callsVerify(app))
  })
  await t.rejects(open, { message: /no verify hook on POST \/called\. .*capture: true/ })
})
