import formbody from '@fastify/formbody'
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { FastifyInstance, FastifyPluginAsync, InjectOptions } from 'fastify'
import contiple, { LookupQuery, LookupReplies } from 'fastify-contact-center/contiple'
import genesysAudiohook from 'fastify-contact-center/genesys-audiohook'
import huaweiAicc, { CallbackReplies, ReleaseCallback } from 'fastify-contact-center/huawei-aicc'
import itxChat, { ChatReplies, ChatSession } from 'fastify-contact-center/itx-chat'
import { exampleSecret, exampleTime } from 'fastify-contact-center/kit'
import { memoryStore } from 'fastify-contact-center'
import onlineContact, {
  LinkQuery,
  RemoteLoginForm,
  RemoteLoginReplies
} from 'fastify-contact-center/online-contact'
import oracleCsc, { ClickToCallQuery } from 'fastify-contact-center/oracle-csc'
import line, { LineWebhook } from 'fastify-contact-center/line'
import standardWebhooks, { WebhookEvent } from 'fastify-contact-center/standard-webhooks'
import telnyx, { TelnyxCallEvent } from 'fastify-contact-center/telnyx'
import twilio, { TwilioVoiceCall, TwimlReplies } from 'fastify-contact-center/twilio'
import vonage, { VonageCallEvent } from 'fastify-contact-center/vonage'
import zendesk, { ZendeskEvent } from 'fastify-contact-center/zendesk'
import intercom, { IntercomNotification } from 'fastify-contact-center/intercom'
import whatsapp, { WhatsappNotification } from 'fastify-contact-center/whatsapp'
import zoom, { EngagementEvent } from 'fastify-contact-center/zoom'
import t, { type Test } from 'tap'
import { build } from './helper.ts'
import { toy } from './kit/toy.ts'

/** Shared, because it compiles the schema of OpenAPI once. */
const validator = new Validator()

type Values = Record<string, string>
interface Operation {
  description: string
  security: Array<Record<string, []>>
  parameters?: Array<{ in: string, name: string, required: boolean, example?: unknown }>
  requestBody?: {
    content: Record<
      string,
      { schema: { required?: string[], properties: object }, example: unknown }
    >
  }
  responses: Record<
    string,
    {
      description: string,
      headers?: object,
      content?: Record<string, { schema: object, examples: Record<string, { value: unknown }> }>
    }
  >
  'x-signed-example': {
    secret: string,
    time: string,
    headers?: Values,
    querystring?: Values,
    params?: Values,
    body?: object
  }
}
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: Record<string, { type: string, in?: string, name?: string }> }
}

/**
 * Each vendor's routes, with its schemas and with none, and the documented place of its signature.
 */
const vendors: Record<
  string,
  {
    set: (app: FastifyInstance, options: { keys: string, now: () => number }) => Promise<void>,
    /** The keys of the examples, for vendors whose keys have a format. */
    secret?: string,
    theirs?: string,
    scheme: [name: string, expected: object],
    refused: number
  }
> = {
  'oracle-csc': {
    async set (app, options) {
      await app.register(oracleCsc, { keys: options.keys, now: options.now })
      app.get('/with', {
        onRequest: app.oracleCsc.verify,
        schema: { querystring: ClickToCallQuery }
      }, async () => null)
      app.get('/without', { onRequest: app.oracleCsc.verify }, async () => null)
    },
    scheme: ['oracleCsc', { type: 'apiKey', in: 'query', name: 'hash' }],
    refused: 401
  },
  'oracle-csc, configured': {
    async set (app, { keys, now }) {
      await app.register(oracleCsc, {
        keys,
        now,
        checkCallId: true,
        algorithm: 'sha256',
        parameterNames: { hash: 'mac', callId: 'id' }
      })
      app.get('/with', { preHandler: app.oracleCsc.verify }, async () => null)
    },
    scheme: ['oracleCsc', { type: 'apiKey', in: 'query', name: 'mac' }],
    refused: 401
  },
  contiple: {
    async set (app, options) {
      await app.register(contiple, options)
      app.post('/with', {
        preValidation: app.contiple.verify,
        schema: { body: LookupQuery, response: LookupReplies }
      }, async () => ({ data: {} }))
      app.post('/without', { preValidation: app.contiple.verify }, async () => null)
      app.post('/own', {
        preValidation: app.contiple.verify,
        schema: {
          body: {
            type: 'object',
            required: ['tel'],
            properties: { tel: { type: 'string' } },
            examples: [{ tel: '+1' }]
          }
        }
      }, async () => null)
    },
    scheme: ['contiple', { type: 'apiKey', in: 'header', name: 'Authorization' }],
    refused: 403
  },
  'contiple, with the URI': {
    async set (app, options) {
      await app.register(contiple, { ...options, signedContent: 'uri+body' })
      app.post('/with', { preValidation: app.contiple.verify }, async () => null)
    },
    scheme: ['contiple', { type: 'apiKey', in: 'header', name: 'Authorization' }],
    refused: 403
  },
  'online-contact': {
    async set (app, options) {
      await app.register(onlineContact, options)
      app.post(
        '/with',
        {
          preValidation: app.onlineContact.verify,
          schema: { body: RemoteLoginForm, response: RemoteLoginReplies }
        },
        async () => ({
          header: { resultCode: 0, resultMessage: '', isSuccessful: true },
          result: null
        })
      )
      app.post('/without', { preValidation: app.onlineContact.verify }, async () => null)
    },
    scheme: ['onlineContact', { type: 'http', scheme: 'HMAC-SHA256' }],
    refused: 403
  },
  'online-contact, by link': {
    async set (app, options) {
      await app.register(onlineContact, { ...options, service: 'help-of-ours' })
      app.get('/with/:service', {
        preValidation: app.onlineContact.verify,
        schema: { querystring: LinkQuery }
      }, async () => null)
      app.get('/without', { preValidation: app.onlineContact.verify }, async () => null)
    },
    scheme: ['onlineContactLink', { type: 'apiKey', in: 'query', name: 'token' }],
    refused: 403
  },
  'itx-chat': {
    async set (app, options) {
      await app.register(itxChat, options)
      app.post('/with', {
        preValidation: app.itxChat.verify,
        schema: { body: ChatSession, response: ChatReplies }
      }, async () => ({}))
      app.post('/without', { preValidation: app.itxChat.verify }, async () => null)
    },
    scheme: ['itxChat', { type: 'http', scheme: 'SHA-1' }],
    refused: 401
  },
  'itx-chat, with an expiry': {
    async set (app, options) {
      await app.register(itxChat, { ...options, expiresIn: 1000 })
      app.post('/with', { preValidation: app.itxChat.verify }, async () => null)
    },
    scheme: ['itxChat', { type: 'http', scheme: 'SHA-1' }],
    refused: 401
  },
  'huawei-aicc': {
    async set (app, options) {
      await app.register(huaweiAicc, { ...options, replay: false })
      app.post('/with', {
        preValidation: app.huaweiAicc.verify,
        schema: { body: ReleaseCallback, response: CallbackReplies }
      }, async () => ({ retCode: '0', retMsg: '' }))
      app.post('/without', { preValidation: app.huaweiAicc.verify }, async () => null)
    },
    scheme: ['huaweiAicc', { type: 'http', scheme: 'HMAC-SHA256' }],
    refused: 401
  },
  zoom: webhookOf(zoom, 'zoom', 'x-zm-signature', EngagementEvent),
  whatsapp: webhookOf(whatsapp, 'whatsapp', 'X-Hub-Signature-256', WhatsappNotification),
  line: webhookOf(line, 'line', 'X-Line-Signature', LineWebhook),
  'standard-webhooks': {
    ...webhookOf(standardWebhooks, 'standardWebhooks', 'webhook-signature', WebhookEvent),
    secret: `whsec_${Buffer.from(exampleSecret).toString('base64')}`,
    theirs: `whsec_${Buffer.from('a key that nobody is told').toString('base64')}`
  },
  telnyx: {
    ...webhookOf(telnyx, 'telnyx', 'telnyx-signature-ed25519', TelnyxCallEvent),
    secret: 'QKaX8nhV3xMe+6TKZHRtu6dK2eqnvo9Uq7wE9R8x384=',
    theirs: 'wVy265rUui7rU6yiJVgbLPIIG15vk6avKfF0sRqMHdk='
  },
  vonage: webhookOf(vonage, 'vonage', 'Authorization', VonageCallEvent),
  'genesys-audiohook': {
    async set (app, { keys: secret, now }) {
      await app.register(genesysAudiohook, {
        keys: { id: 'the-api-key-of-the-examples', secret },
        now,
        replay: false,
        publicUrl: 'wss://audiohook.example.com'
      })
      app.get('/without', { preValidation: app.genesysAudiohook.verify }, async () => null)
    },
    secret: Buffer.from(exampleSecret).toString('base64'),
    theirs: Buffer.from('a key that nobody is told').toString('base64'),
    scheme: ['genesysAudiohook', { type: 'apiKey', in: 'header', name: 'Signature' }],
    refused: 401
  },
  twilio: {
    async set (app, options) {
      await app.register(twilio, { ...options, publicUrl: 'https://voice.example.com' })
      const preValidation = app.twilio.verify
      app.post('/with', {
        preValidation,
        schema: { body: TwilioVoiceCall, response: TwimlReplies }
      }, async (_request, reply) => await reply.type('text/xml').send('<Response/>'))
      app.post('/without', { preValidation }, async () => null)
      app.get('/get', { preValidation }, async () => null)
    },
    scheme: ['twilio', { type: 'apiKey', in: 'header', name: 'X-Twilio-Signature' }],
    refused: 403
  },
  zendesk: webhookOf(zendesk, 'zendesk', 'X-Zendesk-Webhook-Signature', ZendeskEvent),
  intercom: webhookOf(intercom, 'intercom', 'X-Hub-Signature', IntercomNotification)
}

/** A webhook's routes, with the vendor's schema and with none. */
function webhookOf (
  plugin: FastifyPluginAsync<never>,
  decorator: string,
  header: string,
  body: object
): typeof vendors[string] {
  return {
    async set (app, options) {
      await app.register(plugin, { replay: false, ...options } as never)
      const { verify } = app[decorator as 'zoom']
      app.post('/plain', { preValidation: verify }, async () => ({}))
      app.post('/schema', { preValidation: verify, schema: { body } }, async () => ({}))
    },
    scheme: [decorator, { type: 'apiKey', in: 'header', name: header }],
    refused: 401
  }
}

const theirSecret = 'a-key-that-nobody-is-told'

for (
  const [name, {
    set,
    scheme: [schemeName, expected],
    refused,
    secret = exampleSecret,
    theirs = theirSecret
  }] of Object.entries(vendors)
) {
  t.test(`${name}: the OpenAPI document describes the signature, with an example that verifies`, async t => {
    for (const openapi of ['3.0.3', '3.1.0']) {
      const app = await documented(
        t,
        app => set(app, { keys: secret, now: () => Number(exampleTime) }),
        { openapi: { openapi, info: { title: 'signed', version: '1' } } }
      )
      const document = await valid(t, app)
      t.match(document.components.securitySchemes[schemeName], expected)
      for (const [path, method, operation] of operations(document)) {
        t.strictSame(operation.security, [{ [schemeName]: [] }], `${path}: security`)
        t.match(
          operation.description,
          secret,
          `${path}: the description names the example key`
        )
        const request = exampleRequest(path, method, operation)
        t.equal(
          (await app.inject(request)).statusCode,
          200,
          `${openapi}, ${path}: the example verifies`
        )
        t.equal(
          (await app.inject(changed(request))).statusCode,
          refused,
          `${path}: a changed example is refused`
        )
        assertSameExamples(t, operation)
        t.match(operation.responses['503'], { headers: { 'Retry-After': {} } }, `${path}: 503`)
        const { statusCode, body } = await app.inject(changed(request))
        const { examples = {} } =
          Object.values(operation.responses[String(statusCode)]?.content ?? {})[0] ?? {}
        t.strictSame(
          JSON.parse(body),
          examples['FST_CC_SIGNATURE_INVALID']?.value,
          `${path}: a refusal is as documented`
        )
      }
    }
  })

  t.test(`${name}: a service refuses its own examples, and its document holds no key`, async t => {
    const app = await documented(t, app => set(app, { keys: theirs, now: Date.now }))
    const document = await valid(t, app)
    for (const [path, method, operation] of operations(document)) {
      t.equal((await app.inject(exampleRequest(path, method, operation))).statusCode, refused, path)
    }
    t.notMatch(JSON.stringify(document), theirs)
  })
}

t.test("the app's own descriptions take precedence", async t => {
  const app = await documented(t, async app => {
    await app.register(contiple, { keys: theirSecret, replay: memoryStore() })
    const preValidation = app.contiple.verify
    app.post('/open', {
      preValidation,
      schema: {
        security: [],
        description: 'Ours',
        response: { 200: { type: 'object' }, 503: { type: 'object', description: 'Closed' } }
      }
    }, async () => ({}))
    app.post('/headers', {
      preValidation,
      schema: {
        headers: {
          type: 'object',
          required: ['x-shop'],
          properties: { 'x-shop': { type: 'string' } }
        }
      }
    }, async () => ({}))
    app.post('/hidden', { preValidation, schema: { hide: true } }, async () => ({}))
    const swaggerTransform = ({ schema, url }: { schema: object, url: string }) => ({
      schema: { ...schema, summary: 'Transformed' },
      url: `/v1${url}`
    })
    app.post('/moved', { preValidation, config: { swaggerTransform } }, async () => ({}))
    app.post('/not-moved', { preValidation, config: { swaggerTransform: false } }, async () => ({}))
  }, {
    openapi: {
      components: {
        securitySchemes: {
          contiple: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: 'As in our handbook'
          }
        }
      }
    }
  })
  const { paths, components } = await valid(t, app)
  t.match(components.securitySchemes['contiple'], { description: 'As in our handbook' })
  t.match(paths['/open']?.['post'], {
    security: { length: 0 },
    description: /^Ours\n\nThe examples/,
    responses: { 503: { description: 'Closed' } }
  })
  t.strictSame(
    paths['/headers']?.['post']?.parameters?.map((
      { name, required, example }
    ) => [name, required, example]),
    [['X-TC-Timestamp', true, exampleTime], ['x-shop', true, undefined]]
  )
  t.match(paths['/headers']?.['post']?.responses['403']?.description, 'FST_CC_REPLAYED')
  t.match(paths['/v1/moved']?.['post'], { summary: 'Transformed', security: [{ contiple: [] }] })
  t.ok(paths['/not-moved'])
  t.notOk(paths['/hidden'])
})

t.test("requests are validated by the route's own schema, without the documented additions", async t => {
  const app = await documented(t, async app => {
    await app.register(contiple, { keys: theirSecret })
    app.post(
      '/',
      { preHandler: app.contiple.verify, schema: { body: LookupQuery } },
      async () => ({})
    )
  })
  const { statusCode } = await app.inject({ method: 'POST', url: '/', payload: { callNum: '1' } })
  t.equal(statusCode, 403, 'a missing header is a missing signature')
})

t.test("the vendor's example replaces an unsignable one of the route", async t => {
  const app = await documented(t, async app => {
    await app.register(itxChat, { keys: theirSecret })
    app.post('/', {
      preValidation: app.itxChat.verify,
      schema: { body: { type: 'object', examples: [{ verifiedData: 'text' }] } }
    }, async () => ({}))
  })
  const { paths } = await valid(t, app)
  t.match(paths['/']?.['post']?.['x-signed-example'], {
    body: { verifiedData: { name: String }, extSystemHash: String }
  })
})

t.test('a custom plugin without a description is still documented as signed', async t => {
  const app = await documented(t, async app => {
    toy(app, { as: 'toyTwo' })
    app.post('/', { preValidation: app.toyTwo.verify }, async () => ({}))
  })
  const { paths, components } = await valid(t, app)
  t.match(components.securitySchemes, { toyTwo: { type: 'http', scheme: 'toy' } })
  t.match(paths['/']?.['post'], { security: [{ toyTwo: [] }], responses: { 401: {}, 503: {} } })
})

t.test('a Swagger 2 document has no extension', async t => {
  const app = await documented(t, async app => {
    await app.register(contiple, { keys: theirSecret })
    app.post('/', { preValidation: app.contiple.verify }, async () => ({}))
  }, { swagger: { info: { title: 'old', version: '1' } } })
  t.match(app.swagger(), { swagger: '2.0', paths: { '/': { post: {} } } })
})

async function documented (
  t: Test,
  set: (app: FastifyInstance) => Promise<void>,
  options: FastifyDynamicSwaggerOptions = { openapi: {} }
): Promise<FastifyInstance> {
  return await build(t, async app => {
    await app.register(swagger, options)
    await app.register(formbody)
    await set(app)
  })
}

/** The document, validated against the schema of its OpenAPI version. */
async function valid (t: Test, app: FastifyInstance): Promise<Document> {
  const document = JSON.parse(JSON.stringify(app.swagger())) as Document
  const { valid, errors } = await validator.validate(
    structuredClone(document) as unknown as Record<string, unknown>
  )
  t.ok(valid, { errors })
  return document
}

function operations (
  { paths }: Document
): Array<[path: string, method: string, operation: Operation]> {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      [path, method, operation] as [string, string, Operation]
    )
  )
  if (all.length === 0) throw new Error('the document has no operations')
  return all
}

/** The request in the extension, as a program would send it. */
function exampleRequest (path: string, method: string, operation: Operation): InjectOptions {
  const { headers = {}, querystring, params, body } = operation['x-signed-example']
  const [mediaType] = Object.keys(operation.requestBody?.content ?? {})
  return {
    method: method.toUpperCase() as 'POST',
    url: path.replace(/\{(\w+)\}/g, (_all, name: string) => params?.[name] ?? ''),
    headers: { ...headers, ...mediaType !== undefined && { 'content-type': mediaType } },
    ...querystring && { query: querystring },
    ...body &&
      {
        payload: mediaType === 'application/json'
          ? JSON.stringify(body)
          : new URLSearchParams(body as Values).toString()
      }
  }
}

/** The same request with one digit of the time, or of the caller's number, changed. */
function changed (request: InjectOptions): InjectOptions {
  const change = (text: string): string =>
    text.replaceAll('+82', '+83').replaceAll('%2B82', '%2B83').replaceAll('"+1"', '"+2"')
      .replaceAll('member', 'nember').replaceAll('8613', '8614').replaceAll('8210', '8310')
  return {
    ...request,
    headers: Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [
        name,
        name.startsWith('Audiohook-') ? change(String(value)) : value
      ])
    ),
    ...request.payload !== undefined && { payload: change(String(request.payload)) },
    ...request.query !== undefined &&
      { query: JSON.parse(change(JSON.stringify(request.query))) as Values }
  }
}

/** Asserts that parameters and body show the values of the extension, and require them. */
function assertSameExamples (
  t: Test,
  { parameters = [], requestBody, 'x-signed-example': { headers, querystring, body } }: Operation
): void {
  for (
    const { in: place, name, required, example } of parameters.filter(({ in: place }) =>
      place !== 'path'
    )
  ) {
    const sent = (place === 'header' ? headers : querystring)?.[name]
    t.equal(example, sent, `${name} in ${place}`)
    if (sent !== undefined) t.equal(required, true, `${name} is required`)
  }
  for (const { example, schema } of Object.values(requestBody?.content ?? {})) {
    t.strictSame(example, body, 'the body')
    t.strictSame(
      (schema.required ?? []).filter(name => !Object.hasOwn(schema.properties, name)),
      [],
      'every required field is described'
    )
  }
}
