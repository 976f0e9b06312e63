import { randomBytes } from 'node:crypto'
import formbody from '@fastify/formbody'
import { type Static, Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { scheme } from 'fastify-contact-center/huawei-aicc'
import { EventLog } from '../shared/events.ts'
import { faultRoutes } from '../shared/fault-routes.ts'
import { type Expected, ticking } from '../shared/faults.ts'
import { page } from '../shared/page.ts'
import { settingsRoutes } from '../shared/settings-routes.ts'
import { type Call, Calls, connectionBody, releaseBody } from './calls.ts'
import { type Answer, type Callback, Delivery } from './delivery.ts'
import { huaweiAiccSuite } from './faults.ts'
import { callsView } from './page.ts'

export type { Call } from './calls.ts'

export interface HuaweiAiccSimulatorOptions {
  /** The shared key that release callbacks are signed with. */
  secret: string
  /** The token that createCall must show. */
  accessToken: string
  /** Where the unsigned connection callback goes; a function where the address is known only later. */
  connectedUrl: string | (() => string)
  /** Where faults are done to. Default: the callBackUrl of the newest call. */
  releasedUrl?: string
  /** `'none'`: release callbacks are sent without a signature, as where the callback URL has no authentication. Default `'shared-key'`. */
  authentication?: 'shared-key' | 'none'
  /** What the service does with a callback that comes twice, for the faults. Default `'either'`. */
  duplicates?: Expected
  /** The clock, in epoch milliseconds. */
  now?: () => number
  /** Milliseconds before each retry of a callback that was not answered as expected. */
  retryDelaysMs?: readonly number[]
  /** Milliseconds after which a call is connected, and then released, by itself; otherwise only through `/lab`. */
  autoRun?: number | { connect: number, release?: number }
  logger?: Exclude<FastifyServerOptions['logger'], undefined>
}

const vendor = 'Huawei AICC'

const CallRequest = Type.Object({
  caller: Type.String({ minLength: 1, maxLength: 32 }),
  called: Type.String({ minLength: 1, maxLength: 32 }),
  callData: Type.Optional(Type.String({ maxLength: 1024 })),
  callBackUrl: Type.Optional(Type.String())
})
const OneCall = Type.Object({ id: Type.String() })
const Release = Type.Object({ reason: Type.String({ pattern: '^[0-9]{1,4}$', default: '0' }) })
const Since = Type.Object({ since: Type.Optional(Type.Integer({ minimum: 0 })) })
type Forgery = Static<typeof Forgery>
const Forgery = Type.Object({ callback: Type.Union([Type.Literal('connected'), Type.Literal('released')], { default: 'released' }) })

/**
 * Plays Huawei AICC: createCall, then the unsigned connection callback and the signed
 * release callback, tried again until they are answered. `POST /lab/calls/:id/connect`,
 * `…/release`, `…/forge` and `…/voice-notification` say what happens to a call.
 */
export async function huaweiAiccSimulator (options: HuaweiAiccSimulatorOptions): Promise<FastifyInstance> {
  const { accessToken, now = Date.now, retryDelaysMs = [1000, 5000, 30_000], autoRun, duplicates = 'either', logger = false } = options
  const app = Fastify({ logger }).withTypeProvider<TypeBoxTypeProvider>()
  const events = new EventLog(now)
  const calls = new Calls(now)
  const delivery = new Delivery(events, retryDelaysMs)
  const timers = new Set<NodeJS.Timeout>()
  await app.register(formbody)
  const values = {
    secret: options.secret,
    authentication: options.authentication ?? 'shared-key',
    connectedUrl: typeof options.connectedUrl === 'string' ? options.connectedUrl : '',
    releasedUrl: options.releasedUrl ?? ''
  }
  const connectedUrl = (): string => values.connectedUrl === '' && typeof options.connectedUrl === 'function' ? options.connectedUrl() : values.connectedUrl
  const clock = ticking(now)
  const settingsForm = settingsRoutes(app, {
    fields: {
      secret: { label: 'Shared key', secret: true },
      authentication: { label: 'Authentication of release callbacks', choices: ['shared-key', 'none'] },
      connectedUrl: { label: 'Connection callbacks go to' },
      releasedUrl: { label: 'Faults are done to' }
    },
    values
  })
  const faultTable = faultRoutes(app, {
    suite: huaweiAiccSuite,
    bench: () => ({ url: values.releasedUrl || calls.list().at(-1)?.callBackUrl || 'http://127.0.0.1:9/', secret: values.secret, duplicates, now: clock, ...connectedUrl() !== '' && { connectedUrl: connectedUrl() } }),
    events
  })

  app.post('/apiaccess/CC-Management/v1/mobileAgent/createCall', {
    schema: { body: CallRequest },
    errorHandler: refuseCall,
    onRequest: async (request) => {
      if (request.headers.authorization !== `Bearer ${accessToken}`) throw Object.assign(new Error('the access token is not valid'), { statusCode: 401 })
    }
  }, async (request, reply) => {
    const call = createdCall(request.body)
    events.record('create-call', 'accepted', `calls ${call.caller}, then ${call.called}: ${call.callSerialNo}`, { ...call })
    if (autoRun !== undefined) run(call)
    // A number of 19 digits, which no JavaScript number holds: the text is written by hand.
    return reply.type('application/json').send(`{"retCode":"0","retMsg":"success","result":{"callSerialNo":${call.callSerialNo}}}`)
  })

  for (const path of ['/', '/lab']) {
    app.get(path, async (_request, reply) => reply.type('text/html; charset=utf-8').send(page(vendor, callsView(calls.list()) + settingsForm() + faultTable(), events.since())))
  }
  app.get('/lab/calls', async () => calls.list())
  app.get('/lab/events', { schema: { querystring: Since } }, async request => events.since(request.query.since))

  app.post('/lab/calls/:id/connect', { schema: { params: OneCall } }, async (request, reply) => {
    const call = callOf(request.params.id)
    if (!calls.connect(call)) throw conflict(call)
    return await told(request, reply, call, await delivery.send(connected(call)))
  })

  app.post('/lab/calls/:id/release', { schema: { params: OneCall, body: Release }, preValidation: emptyMeansDefaults }, async (request, reply) => {
    const call = callOf(request.params.id)
    if (!calls.release(call, request.body.reason)) throw conflict(call)
    return await told(request, reply, call, await sendRelease(call))
  })

  app.post('/lab/calls/:id/forge', { schema: { params: OneCall, body: Forgery }, preValidation: emptyMeansDefaults }, async (request, reply) => {
    const call = callOf(request.params.id)
    const forged = forge(call, request.body.callback)
    return await told(request, reply, call, forged === null ? null : await delivery.attempt(forged, ' (forged)'))
  })

  app.post('/lab/calls/:id/voice-notification', { schema: { params: OneCall, body: Release }, preValidation: emptyMeansDefaults }, async (request, reply) => {
    const call = callOf(request.params.id)
    const { callSerialNo, callBackUrl: url, callData } = call
    const { reason: releaseReason } = request.body
    const answer = url === null ? null : await delivery.send({ kind: 'voice-notification', callSerialNo, url, body: async () => sealed({ callSerialNo, releaseReason, callData }) })
    return await told(request, reply, call, answer)
  })

  app.addHook('onClose', async () => {
    for (const timer of timers) clearTimeout(timer)
    await delivery.close()
  })
  return app

  function createdCall (request: Static<typeof CallRequest>): Call {
    try {
      return calls.create(request)
    } catch (error) {
      throw Object.assign(error as Error, { statusCode: 400 })
    }
  }

  /** The vendor's shape; its own codes for these are not documented. */
  function refuseCall (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
    const status = error.statusCode ?? 500
    events.record('create-call', 'refused', error.message)
    reply.code(status).send({ retCode: String(status), retMsg: error.message })
  }

  function run (call: Call): void {
    const { connect, release } = typeof autoRun === 'object' ? autoRun : { connect: autoRun, release: autoRun }
    later(connect, async () => {
      if (calls.connect(call)) await delivery.send(connected(call))
      if (release !== undefined) later(release, async () => { if (calls.release(call, '0')) await sendRelease(call) })
    })
  }

  function later (delayMs: number | undefined, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work().catch((error: unknown) => { app.log.error(error) })
    }, delayMs)
    timers.add(timer)
  }

  function connected (call: Call): Callback {
    return { kind: 'connected', callSerialNo: call.callSerialNo, url: connectedUrl(), body: async () => connectionBody(call) }
  }

  async function sendRelease (call: Call): Promise<Answer | null> {
    const { callSerialNo, callBackUrl: url } = call
    if (url !== null) return await delivery.send({ kind: 'released', callSerialNo, url, body: async () => signed(call) })
    events.record('released', 'failed', `${callSerialNo} has no callBackUrl`, { callSerialNo })
    return null
  }

  function signed (call: Call): object {
    return sealed(releaseBody(call))
  }

  function sealed (params: object): object {
    if (values.authentication === 'none') return params
    const timestamp = String(now())
    const nonce = randomBytes(16).toString('hex')
    return { ...params, timestamp, nonce, signature: scheme.sign({ params, timestamp, nonce }, values.secret) }
  }

  /** A connection of a call that nobody asked for, or a release whose reason was changed after signing. */
  function forge (call: Call, callback: Forgery['callback']): Callback | null {
    const { callSerialNo, callBackUrl: url } = call
    if (callback === 'connected') return { ...connected(call), body: async () => ({ ...connectionBody(call), callSerialNo: '1' }) }
    return url === null ? null : { kind: 'released', callSerialNo, url, body: async () => ({ ...signed(call), releaseReason: '99' }) }
  }

  function callOf (id: string): Call {
    const call = calls.get(id)
    if (call === undefined) throw Object.assign(new Error('no such call'), { statusCode: 404 })
    return call
  }
}

function conflict (call: Call): Error {
  return Object.assign(new Error(`the call is ${call.state}`), { statusCode: 409 })
}

async function emptyMeansDefaults (request: FastifyRequest): Promise<void> {
  request.body ??= {}
}

/** To a script what happened; to a person the page. */
async function told (request: FastifyRequest, reply: FastifyReply, call: Call, answer: Answer | null): Promise<unknown> {
  return request.headers.accept?.includes('text/html') === true ? reply.redirect('/lab', 303) : { call, answer }
}
