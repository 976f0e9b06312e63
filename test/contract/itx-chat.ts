import Fastify from 'fastify'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import itxChat, {
  createScheme,
  type ItxChatInput,
  type ItxChatSchemeOptions,
  rootFields,
  scheme
} from 'fastify-contact-center/itx-chat'
import { vectorsOf } from '../helper.ts'

const roots = Object.fromEntries(rootFields.map(name => [name, `the ${name}`]))
const input: ItxChatInput = {
  verifiedData: { name: 'John', age: 42, nested: { list: [1, 'x', null] } },
  ...roots
}

export const schemes: Record<string, SchemeContract<ItxChatInput, ItxChatSchemeOptions>> = {
  'of a session': {
    createScheme,
    vectors: vectorsOf<ItxChatInput>('itx-chat'),
    input,
    changed: [
      { verifiedData: { ...input.verifiedData as object, name: 'john' } },
      { verifiedData: { ...input.verifiedData as object, age: 43 } },
      { verifiedData: { ...input.verifiedData as object, nested: { list: ['x', 1, null] } } },
      { verifiedData: { ...input.verifiedData as object, more: '' } },
      { verifiedData: '{"name":"John","age":42.0,"nested":{"list":[1,"x",null]}}' },
      ...rootFields.map(name => ({ [name]: `another ${name}` }))
    ],
    illFormed: [{ verifiedData: { a: '\ud800' } }, { verifiedData: { '\ud800': 'a' } }, {
      verifiedData: { a: ['\ud800'] }
    }, ...rootFields.map(name => ({ [name]: '\udc00' }))],
    witnesses: {
      'unescaped-separator': {
        inputs: [{ verifiedData: { a: 'b-c:d' } }, { verifiedData: { a: 'b', c: 'd' } }]
      },
      'unnamed-fields': { inputs: [{ extSystemId: 'a' }, { extSystemLookupCode: 'a' }] },
      'untyped-values': { inputs: [{ verifiedData: { a: null } }, { verifiedData: { a: 'null' } }] }
    }
  }
}

const plugin: PluginContract = {
  scheme,
  async build (options) {
    const app = Fastify()
    await app.register(itxChat, options)
    app.route({
      method: ['POST', 'PUT'],
      url: '/session',
      preValidation: app.itxChat.verify,
      handler: async request => request.verification
    })
    return app
  },
  sign ({ secret }) {
    const body = JSON.stringify({
      ...input,
      extSystemHash: scheme.sign(input, secret),
      unverifiedData: { page: '/' }
    })
    return {
      method: 'POST',
      url: '/session',
      headers: { 'content-type': 'application/json' },
      body
    }
  },
  signature: { in: 'json', name: 'extSystemHash' },
  covered: Object.keys(input).map(name => ({ in: 'json', name })),
  variations: {
    'method-not-covered': request => ({ ...request, method: 'PUT' }),
    'uri-not-covered': request => ({ ...request, url: '/session?more=1' }),
    'headers-not-covered': request => ({
      ...request,
      headers: { ...request.headers, 'x-more': '1' }
    }),
    'some-fields-not-covered': request => ({
      ...request,
      body: String(request.body).replace('"page":"/"', '"page":"/admin"')
    })
  }
}

export const plugins: Record<string, PluginContract> = { 'of a session': plugin }
