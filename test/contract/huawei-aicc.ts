import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import huaweiAicc, {
  createScheme,
  type HuaweiAiccInput,
  type HuaweiAiccSchemeOptions,
  scheme
} from 'fastify-contact-center/huawei-aicc'
import { vectorsOf } from '../helper.ts'

const vectors = vectorsOf<HuaweiAiccInput>('huawei-aicc')
const input = {
  params: { called: '88880067', added: true, data: { list: [1, null] } },
  timestamp: '1660095873001',
  nonce: 'n1'
}

const contract = (
  numbers: 'literal' | 'java'
): SchemeContract<HuaweiAiccInput, HuaweiAiccSchemeOptions> => ({
  createScheme: options => createScheme({ numbers, ...options }),
  vectors: vectors.map(vector => ({
    ...vector,
    options: { numbers: 'literal', ...vector.options }
  })),
  input,
  changed: [
    { params: { ...input.params, called: '88880068' } },
    { params: { ...input.params, called: '88880067\t' } },
    { params: { ...input.params, added: false } },
    { params: { ...input.params, data: { list: [null, 1] } } },
    { params: { ...input.params, more: '' } },
    { timestamp: '1660095873002' },
    { timestamp: '01660095873001' },
    { nonce: 'N1' }
  ],
  illFormed: [
    { params: { a: '\ud800' } },
    { params: { '\ud800': 'a' } },
    { params: { a: '\ud800 \udc00' } },
    { params: '{"a":["\\ud800"]}' },
    { timestamp: '\ud800' },
    { nonce: '\ud800' }
  ],
  witnesses: {
    'unescaped-separator': {
      inputs: [{ ...input, params: { a: '1,b=2' } }, { ...input, params: { a: '1', b: '2' } }]
    },
    'untyped-values': {
      inputs: [{ ...input, params: { a: null } }, { ...input, params: { a: 'null' } }]
    },
    'spaces-not-covered': {
      inputs: [{ ...input, params: { a: 'b c' } }, { ...input, params: { a: 'bc' } }]
    }
  }
})

export const schemes = {
  'with numbers as sent': contract('literal'),
  'with numbers as the JVM has them': contract('java')
}

const params = { callSerialNo: '1197765398201387012', called: '88880067' }

const plugin = (kind: 'json' | 'form'): PluginContract => ({
  scheme,
  async build (options) {
    const app = Fastify()
    await app.register(formbody)
    await app.register(huaweiAicc, options)
    app.route({
      method: ['POST', 'PUT'],
      url: '/released',
      preValidation: app.huaweiAicc.verify,
      handler: async request => request.verification
    })
    return app
  },
  sign ({ secret, time }) {
    const signed = { timestamp: String(time), nonce: 'n1' }
    const fields = { ...params, ...signed, signature: scheme.sign({ params, ...signed }, secret) }
    return kind === 'json'
      ? {
        method: 'POST',
        url: '/released',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fields)
      }
      : {
        method: 'POST',
        url: '/released',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString()
      }
  },
  signature: { in: kind, name: 'signature' },
  covered: ['callSerialNo', 'called', 'timestamp', 'nonce'].map(name => ({ in: kind, name })),
  variations: {
    'method-not-covered': request => ({ ...request, method: 'PUT' }),
    'uri-not-covered': request => ({ ...request, url: '/released?more=1' }),
    'headers-not-covered': request => ({
      ...request,
      headers: { ...request.headers, 'x-more': '1' }
    })
  }
})

export const plugins = { 'of JSON': plugin('json'), 'of a form': plugin('form') }
