import { isIPv4, BlockList } from 'node:net'
import createError from '@fastify/error'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { problems } from './errors.ts'

const NotLocal = createError('SERVICE_NOT_LOCAL', 'The signer serves only this machine', 403)

const NotSignable = createError('SERVICE_NOT_SIGNABLE', 'The body must be a JSON object', 400)

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

const SignRequest = Type.Object({
  path: Type.String({ maxLength: 2000 }),
  body: Type.String({ maxLength: 100_000 })
}, { additionalProperties: false })
const SignedRequest = Type.Object({
  headers: Type.Record(Type.String(), Type.String()),
  body: Type.String()
})

/**
 * `POST /docs/sign`, enabled by DOCS_SIGNER: signs a request of the API page as the vendor would,
 * so that "Try it out" works there. The keys stay on the server. It lets its users impersonate the
 * vendors, so it requires an agent's session and this machine.
 */
export const docsSignerRoutes: FastifyPluginAsyncTypebox = async function docsSignerRoutes (app) {
  const { BASE_PATH: base } = app.config
  const signers: Record<
    string,
    (body: string) => Promise<{ headers: Record<string, string>, body: string }>
  > = {
    '/contiple/customer': async body => ({
      headers: { ...await app.contiple.signHeaders(body) },
      body
    }),
    '/aicc/released': async body => ({
      headers: {},
      body: JSON.stringify(await app.huaweiAicc.signCallback(parseObject(body)))
    })
  }

  app.post('/docs/sign', {
    onRequest: [
      async ({ socket: { remoteAddress = '' } }) => {
        if (!loopback.check(remoteAddress, isIPv4(remoteAddress) ? 'ipv4' : 'ipv6')) {
          throw new NotLocal()
        }
      },
      app.requireAgent
    ],
    schema: {
      hide: true,
      body: SignRequest,
      response: { 200: SignedRequest, 204: Type.Null(), ...problems }
    }
  }, async (request, reply) => {
    const { path, body } = request.body
    const route = path.startsWith(base) ? path.slice(base.length) : path
    const sign = Object.hasOwn(signers, route) ? signers[route] : undefined
    reply.header('cache-control', 'no-store')
    return sign === undefined ? await reply.code(204).send(null) : await sign(body)
  })
}

function parseObject (text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {}
  throw new NotSignable()
}

/**
 * Runs in the browser before each request of the API page. It is sent as source text, so it must
 * not use anything from this module.
 */
export async function signInBrowser (
  request: Record<string, unknown>
): Promise<Record<string, unknown>> {
  const { url, body, headers, loadSpec } = request
  if (loadSpec === true || typeof body !== 'string') return request
  const { location } = globalThis as unknown as { location: { pathname: string } }
  const reply = await fetch(location.pathname.replace(/\/docs(?:\/.*)?$/, '/docs/sign'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: new URL(String(url)).pathname, body })
  })
  if (reply.status === 204) return request
  if (!reply.ok) {
    throw new Error(
      reply.status === 401
        ? 'Sign in at /desk first: only agents may sign requests'
        : 'Signing the request failed'
    )
  }
  const signed = await reply.json() as { headers: object, body: string }
  // The page sends the example's old headers too, in the vendor's spelling: duplicates are refused.
  const otherHeaders = Object.entries(headers as object).filter(([name]) =>
    !Object.hasOwn(signed.headers, name.toLowerCase())
  )
  return Object.assign(request, {
    headers: Object.assign(Object.fromEntries(otherHeaders), signed.headers),
    body: signed.body
  })
}
