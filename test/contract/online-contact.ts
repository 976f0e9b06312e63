import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import onlineContact, {
  createScheme,
  type OnlineContactInput,
  type OnlineContactSchemeOptions,
  scheme
} from 'fastify-contact-center/online-contact'
import { vectorsOf } from '../helper.ts'

const required = { service: 'shop', usercode: 'u1', time: '1660095873001' }
const optional = {
  username: 'Hong',
  email: 'hong@example.com',
  phone: '010',
  memberno: 'M-1',
  returnUrl: 'https://example.com/?a=1&b=2'
}

export const schemes: Record<
  string,
  SchemeContract<OnlineContactInput, OnlineContactSchemeOptions>
> = {
  'of a member': {
    createScheme,
    vectors: vectorsOf<OnlineContactInput>('online-contact'),
    input: { ...required, ...optional },
    changed: [
      ...Object.entries({ ...required, ...optional }).map(([name, value]) => ({
        [name]: `${value}1`
      })),
      { username: 'hong' },
      { username: ' Hong' },
      { returnUrl: 'https://example.com/?b=2&a=1' },
      { time: '01660095873001' }
    ],
    illFormed: Object.keys({ ...required, ...optional }).map(name => ({ [name]: 'a\ud800' })),
    witnesses: {
      'unescaped-separator': {
        inputs: [{ ...required, username: 'a&b', email: 'c' }, {
          ...required,
          username: 'a',
          email: 'b&c'
        }]
      },
      'unnamed-fields': { inputs: [{ ...required, username: 'x' }, { ...required, email: 'x' }] }
    }
  }
}

const form: PluginContract = {
  scheme,
  async build (options) {
    const app = Fastify()
    await app.register(formbody)
    await app.register(onlineContact, options)
    app.route({
      method: ['POST', 'PUT'],
      url: '/login',
      preValidation: app.onlineContact.verify,
      handler: async request => request.verification
    })
    return app
  },
  sign ({ secret, time }) {
    const fields = { ...required, ...optional, time: String(time) }
    const body = new URLSearchParams({ ...fields, token: scheme.sign(fields, secret) }).toString()
    return {
      method: 'POST',
      url: '/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body
    }
  },
  signature: { in: 'form', name: 'token' },
  covered: Object.keys({ ...required, ...optional }).map(name => ({ in: 'form', name })),
  variations: {
    'method-not-covered': request => ({ ...request, method: 'PUT' }),
    'uri-not-covered': request => ({ ...request, url: '/login?more=1' }),
    'headers-not-covered': request => ({
      ...request,
      headers: { ...request.headers, 'x-more': '1' }
    }),
    'some-fields-not-covered': request => ({ ...request, body: `${request.body}&more=1` })
  }
}

const link: PluginContract = {
  scheme,
  async build (options) {
    const app = Fastify()
    await app.register(onlineContact, options)
    app.get(
      '/:service/hc/',
      { preValidation: app.onlineContact.verify },
      async request => request.verification
    )
    return app
  },
  sign ({ secret, time }) {
    const { service, returnUrl, ...fields } = { ...required, ...optional, time: String(time) }
    const query = new URLSearchParams({
      ...fields,
      token: scheme.sign({ service, ...fields }, secret)
    })
    return { method: 'GET', url: `/${service}/hc/?${query}`, headers: {} }
  },
  signature: { in: 'query', name: 'token' },
  covered: ['usercode', 'username', 'email', 'phone', 'memberno', 'time'].map(name => ({
    in: 'query',
    name
  })),
  variations: {
    'method-not-covered': request => ({ ...request, method: 'HEAD' }),
    'uri-not-covered': request => ({ ...request, url: `${request.url}&more=1` }),
    'headers-not-covered': request => ({ ...request, headers: { 'x-more': '1' } }),
    'some-fields-not-covered': request => ({ ...request, url: `${request.url}&returnUrl=anything` })
  }
}

export const plugins: Record<string, PluginContract> = { 'of a form': form, 'of a link': link }
