import Fastify, { type FastifyPluginAsync, type preValidationAsyncHookHandler } from 'fastify'
import type { ContractRequest, PluginContract } from 'fastify-contact-center/contract'

/** Builds an app with the plugin and a signed route, as the contract suite needs it. */
export function webhookApp (
  plugin: FastifyPluginAsync<never>,
  decorator: string
): PluginContract['build'] {
  return async options => {
    const app = Fastify()
    await app.register(plugin, options as never)
    const { verify } = app[decorator as keyof typeof app] as unknown as {
      verify: preValidationAsyncHookHandler
    }
    app.route({
      method: ['POST', 'PUT'],
      url: '/signed',
      preValidation: verify,
      handler: async request => request.verification
    })
    return app
  }
}

/** A request for that route. */
export function webhook (headers: Record<string, string>, body: string): ContractRequest {
  return {
    method: 'POST',
    url: '/signed',
    headers: { 'content-type': 'application/json', ...headers },
    body
  }
}

/** A webhook's signature covers neither the method, the address nor other headers. */
export const variations: NonNullable<PluginContract['variations']> = {
  'method-not-covered': request => ({ ...request, method: 'PUT' }),
  'uri-not-covered': request => ({ ...request, url: '/signed?more=1' }),
  'headers-not-covered': request => ({
    ...request,
    headers: { ...request.headers, 'x-more': '1' }
  })
}

/** Changes that every signature of the body must detect. */
export const changedBodies = [
  { body: '{"event":"2"}' },
  { body: '{"event": "1"}' },
  { body: '\ufeff{"event":"1"}' }
]
export const body = '{"event":"1"}'
export const illFormedBodies = [{ body: '"\ud800"' }, { body: Uint8Array.of(0x7b, 0xff, 0x7d) }]
