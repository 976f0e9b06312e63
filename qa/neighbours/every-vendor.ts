import { type ClientRequest, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyPluginAsync, RouteShorthandOptions } from 'fastify'
import { vendors } from '../../plugins/index.ts'
import type { ContractRequest, PluginContract } from '../../plugins/contract/index.ts'

const secret = 'the-key-of-the-contract-suite'
const stranger = 'a-key-that-was-never-configured'

/** One signing method of a vendor, and a route that verifies it. */
export interface Signed {
  readonly name: string
  readonly decorator: string
  /** Registers the vendor's plugin. */
  install(app: FastifyInstance): Promise<void>
  /** Declares the verified route, which returns the verified data. */
  route(app: FastifyInstance, options?: RouteShorthandOptions & { hijack?: boolean }): void
  genuine(): ContractRequest
  forged(): ContractRequest
}

/** The options of the contract suite's apps, apart from the key. */
const options: Record<string, object> = {
  'contiple: of path, body and time': { signedContent: 'uri+body' },
  'oracle-csc: with the call id': { checkCallId: true },
  "standard-webhooks: a webhook with Svix's names": { headers: 'svix' },
  'twilio: a form': { publicUrl: 'https://voice.example.com' },
  'twilio: a body': { publicUrl: 'https://voice.example.com' }
}

/** Routes of vendors that read a path parameter. */
const paths: Record<string, string> = { 'online-contact: of a link': '/:service/hc/' }

/** All signing methods of all vendors, from the contract suite's tables. */
export async function everyVendor (): Promise<Signed[]> {
  const signedVendors: Signed[] = []
  for (const vendor of vendors) {
    const { plugins } = await import(`../../test/contract/${vendor}.ts`) as {
      plugins: Record<string, PluginContract>
    }
    const { default: plugin } = await import(`../../plugins/${vendor}/index.ts`) as {
      default: FastifyPluginAsync<{ keys: unknown }>
    }
    const decorator = vendor.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    for (const [variant, contract] of Object.entries(plugins)) {
      const name = `${vendor}: ${variant}`
      const form = contract.secretOf ?? (text => text)
      const sign = (key: string): ContractRequest =>
        contract.sign({ secret: form(key), time: Date.now() })
      // AudioHook's requests contain the key's ID.
      const keys = { id: 'first', secret: form(secret) }
      signedVendors.push({
        name,
        decorator,
        async install (app) {
          await app.register(plugin, { keys, ...options[name] })
        },
        route (app, { hijack = false, ...options } = {}) {
          const { verify } = app[decorator as 'contiple']
          const { method, url } = sign(secret)
          const path = paths[name] ?? url.split('?')[0] ?? ''
          app.route({
            method: method as 'GET' | 'POST',
            url: path,
            ...options,
            [vendor === 'oracle-csc' ? 'onRequest' : 'preValidation']: verify,
            handler: async (request, reply) => {
              const result = { scheme: request.verification?.scheme }
              if (!hijack) return result
              reply.hijack()
              reply.raw.writeHead(200, { 'content-type': 'application/json' })
              reply.raw.end(JSON.stringify(result))
              return reply
            }
          })
        },
        genuine: () => sign(secret),
        forged: () => sign(stranger)
      })
    }
  }
  return signedVendors
}

export interface HttpReply {
  status: number
  body: string
  headers: Record<string, unknown>
}

const portOf = (app: FastifyInstance): number => (app.server.address() as AddressInfo).port

export interface SendOptions {
  /** Default `http`. */
  scheme?: 'http' | 'https'
  /** Writes the body. Default: at once. */
  write?: (outgoing: ClientRequest, body: string | undefined) => void
}

/** Sends a request over HTTP/1 on its own socket. */
export async function send (
  app: FastifyInstance,
  request: ContractRequest,
  { scheme = 'http', write = (outgoing, body) => outgoing.end(body) }: SendOptions = {}
): Promise<HttpReply> {
  const { method, url, headers, body } = request
  return await new Promise((resolve, reject) => {
    const outgoing = (scheme === 'http' ? httpRequest : httpsRequest)({
      host: '127.0.0.1',
      port: portOf(app),
      path: url,
      method,
      rejectUnauthorized: false,
      headers: {
        ...headers,
        ...body !== undefined && { 'content-length': Buffer.byteLength(body) }
      },
      agent: false
    }, async reply => {
      const bytes = Buffer.concat(await reply.toArray() as Buffer[])
      resolve({
        status: reply.statusCode ?? 0,
        body: bytes.toString('latin1'),
        headers: reply.headers
      })
    })
    outgoing.on('error', reject)
    write(outgoing, body)
  })
}

export async function sendHttp2 (
  app: FastifyInstance,
  { method, url, headers: { host, ...headers }, body }: ContractRequest,
  scheme: 'http' | 'https' = 'http'
): Promise<HttpReply> {
  const session = connectHttp2(`${scheme}://127.0.0.1:${portOf(app)}`, {
    rejectUnauthorized: false
  })
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject)
      const stream = session.request({
        ':method': method,
        ':path': url,
        ...host !== undefined && { ':authority': String(host) },
        ...headers
      })
      let responseHeaders: Record<string, unknown> = {}
      const chunks: Buffer[] = []
      stream.on('response', headers => {
        responseHeaders = headers
      })
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('end', () => {
        resolve({
          status: Number(responseHeaders[':status']),
          body: Buffer.concat(chunks).toString('latin1'),
          headers: responseHeaders
        })
      })
      stream.end(body)
    })
  } finally {
    session.close()
  }
}

/** Sends raw bytes and returns the reply until the other side closes. */
export async function sendRaw (
  app: FastifyInstance,
  text: string,
  breakOff = false
): Promise<string> {
  return await new Promise(resolve => {
    const socket = connect(portOf(app), '127.0.0.1')
    let output = ''
    socket.on('data', data => {
      output += data.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(output))
    socket.write(text, 'latin1', () => {
      if (breakOff) setTimeout(() => socket.destroy(), 30)
    })
  })
}

/** Serializes a request as HTTP/1.1, with a chunked body if it has one. */
export function serializeRequest (
  { method, url, headers, body }: ContractRequest,
  { close = true, trailer = '' } = {}
): string {
  const lines = Object.entries({ host: 'x', ...headers }).map(([name, value]) =>
    `${name}: ${value}`
  )
  const bytes = body === undefined ? '' : Buffer.from(body).toString('latin1')
  const middle = bytes.length >> 1
  const chunks = [bytes.slice(0, middle), bytes.slice(middle)].filter(part => part !== '')
    .map(part => `${part.length.toString(16)}\r\n${part}\r\n`).join('')
  return [
    `${method} ${url} HTTP/1.1`,
    ...lines,
    ...close ? ['connection: close'] : [],
    ...body === undefined ? [] : ['transfer-encoding: chunked'],
    '',
    body === undefined ? '' : `${chunks}0\r\n${trailer}\r\n`
  ].join('\r\n')
}
