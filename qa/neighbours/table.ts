// Compares every vendor's replies with a setting to those without it, on real sockets.
import { brotliCompressSync, gzipSync } from 'node:zlib'
import formbody from '@fastify/formbody'
import Fastify, {
  type FastifyInstance,
  type FastifyServerOptions,
  type RouteShorthandOptions
} from 'fastify'
import t, { type Test } from 'tap'
import type { ContractRequest } from '../../plugins/contract/index.ts'
import { everyVendor, type HttpReply, send, type Signed } from './every-vendor.ts'

export interface Setting {
  options?: FastifyServerOptions
  before?: (app: FastifyInstance) => unknown
  after?: (app: FastifyInstance) => unknown
  route?: RouteShorthandOptions & { hijack?: boolean }
  /** Whether the setting makes the plugin or Fastify refuse this request. */
  refuses?: (signed: Signed, requestName: string) => boolean
  /** Whether the setting's own code answers this request. */
  answers?: (signed: Signed, requestName: string) => boolean
  /** Changes a request in transit. */
  send?: (app: FastifyInstance, request: ContractRequest) => Promise<HttpReply>
}

/** The status and body of the last reply on a connection. */
export function parseReply (text: string): HttpReply {
  const start = text.lastIndexOf('HTTP/1.1 ')
  const [head = '', body = ''] = text.slice(start).split('\r\n\r\n')
  return { status: Number(head.slice(9, 12)), body, headers: {} }
}

export async function startApp (
  t: Test,
  signed: Signed,
  setting: Setting,
  log: string[]
): Promise<FastifyInstance> {
  const app = Fastify({
    forceCloseConnections: true,
    logger: { stream: { write: (line: string) => log.push(line) } },
    ...setting.options
  })
  t.after(() => app.close())
  await setting.before?.(app)
  await app.register(formbody)
  await signed.install(app)
  signed.route(app, setting.route)
  await setting.after?.(app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app
}

/** Each is signed anew, so that replies differ only because of the setting. */
export const requests: Record<string, (signed: Signed) => ContractRequest> = {
  genuine: signed => signed.genuine(),
  forged: signed => signed.forged(),
  malformed (signed) {
    const { body, ...request } = signed.genuine()
    return body === undefined
      ? { ...request, url: `${request.url}%` }
      : { ...request, body: '{"a":' }
  },
  'no content type' (signed) {
    const request = signed.genuine()
    const { 'content-type': _, ...headers } = request.headers
    return { ...request, headers }
  },
  gzip: signed => encoded(signed, 'gzip', gzipSync),
  br: signed => encoded(signed, 'br', brotliCompressSync),
  'gzip by name alone': signed => encoded(signed, 'gzip', bytes => bytes),
  'genuine, again': signed => signed.genuine(),
  'form-data' (signed) {
    const request = signed.genuine()
    if (request.body === undefined) return request
    const headers = { ...request.headers, 'content-type': 'multipart/form-data; boundary=x' }
    return { ...request, headers }
  }
}

function encoded (
  signed: Signed,
  coding: string,
  encode: (bytes: Buffer) => Uint8Array
): ContractRequest {
  const request = signed.genuine()
  if (request.body === undefined) return request
  const headers = { ...request.headers, 'content-encoding': coding }
  return { ...request, headers, body: encode(Buffer.from(request.body)) as never }
}

/** The vendors that sign the URL, which must be the one on the wire. */
const signsUrl = /^(?:contiple: of path|twilio|genesys)/

/** Methods whose requests are valid once. */
const isOnce = new Set<Signed>()

/** Whether the setting makes the plugin refuse this request. */
function isRefusedOtherwise (signed: Signed, setting: string, requestName: string): boolean {
  if (setting === 'rewriteUrl') return signsUrl.test(signed.name)
  // A compressed body is read first, then refused.
  if (setting.includes('compress')) {
    return /gzip|br/.test(requestName) && signed.genuine().body !== undefined
  }
  // Over HTTP/1, Fastify itself refuses such a body. AudioHook has no HTTP/2.
  if (setting === 'HTTP/2') {
    return signed.decorator === 'genesysAudiohook' ||
      (requestName === 'no content type' && signed.genuine().body !== undefined)
  }
  // Fastify does not see this success, so the copy is told to retry.
  return setting === 'reply.hijack' && requestName === 'genuine, again' && isOnce.has(signed)
}

/** The field names in a reply, which are the vendor's. */
export function shapeOf ({ body }: HttpReply): string[] {
  return Object.keys(JSON.parse(body) as object)
}

export const all = await everyVendor()

/** One test a vendor: with each setting, each reply must equal the reply without it. */
export function compareReplies (settings: Record<string, Setting>): void {
  for (const signed of all) {
    t.test(`every vendor: ${signed.name}`, async t => {
      // Once, and in the same order as below: some vendors' requests are valid once.
      const bare = await startApp(t, signed, {}, [])
      const replies: Record<string, HttpReply> = {}
      for (const [requestName, make] of Object.entries(requests)) {
        replies[requestName] = await send(bare, make(signed))
      }
      const refused = replies['forged'] as HttpReply
      if (replies['genuine, again']?.status !== 200) isOnce.add(signed)
      t.equal(replies['genuine']?.status, 200, String(replies['genuine']?.body))
      for (const [name, setting] of Object.entries(settings)) {
        const log: string[] = []
        const app = await startApp(t, signed, setting, log)
        for (const [requestName, make] of Object.entries(requests)) {
          if (setting.answers?.(signed, requestName)) continue
          const expected = replies[requestName] as HttpReply
          const reply = await (setting.send ?? send)(app, make(signed))
          const summarize = ({ status, body }: HttpReply): unknown => [status, body]
          if (
            setting.refuses?.(signed, requestName) ?? isRefusedOtherwise(signed, name, requestName)
          ) {
            t.ok(
              reply.status >= 400 && reply.status <= 503,
              `${name}, ${requestName}: ${reply.status}`
            )
            t.same(
              shapeOf(reply),
              shapeOf(expected.status < 400 ? refused : expected),
              `${name}, ${requestName}`
            )
          } else {
            t.same(summarize(reply), summarize(expected), `${name}, ${requestName}`)
          }
        }
        t.same(log.filter(line => line.includes('"level":50')), [], `${name}: no alarm`)
      }
    })
  }
}
