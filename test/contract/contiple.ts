import Fastify from 'fastify'
import contiple, {
  type ContipleInput,
  type ContipleSchemeOptions,
  createScheme
} from 'fastify-contact-center/contiple'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import { vectorsOf } from '../helper.ts'

type Contract = SchemeContract<ContipleInput, ContipleSchemeOptions>

const vectors = vectorsOf<ContipleInput>('contiple').map(vector => ({
  ...vector,
  options: { signedContent: 'body' as const, ...vector.options }
}))
const body = '{"callNum":"1"}'
const input = { body, timestamp: '1660095873001' }
const changed = [
  { body: '{"callNum":"2"}' },
  { body: '{"callNum": "1"}' },
  { body: `\ufeff${body}` },
  { timestamp: '1660095873002' },
  { timestamp: '01660095873001' }
]
const illFormed = [{ body: '"\ud800"' }, { body: Uint8Array.of(0x7b, 0xff, 0x7d) }, {
  timestamp: '\udc00'
}]

export const schemes: Record<string, Contract> = {
  'of body and time': {
    createScheme,
    vectors,
    input,
    changed,
    illFormed,
    witnesses: {
      'no-separator': { inputs: [{ body: '1', timestamp: '23' }, { body: '12', timestamp: '3' }] }
    }
  },
  'of path, body and time': {
    createScheme: options => createScheme({ signedContent: 'uri+body', ...options }),
    vectors,
    input: { ...input, uri: '/customer?a=1' },
    changed: [...changed, { uri: '/customer?a=2' }, { uri: '/customer' }],
    illFormed: [...illFormed, { uri: '/\ud800' }],
    witnesses: {
      'no-separator': {
        inputs: [{ uri: '/a', body: 'b', timestamp: '1' }, { uri: '/ab', body: '', timestamp: '1' }]
      }
    }
  }
}

const plugin = (signedContent: 'body' | 'uri+body'): PluginContract => {
  const scheme = createScheme({ signedContent })
  return {
    scheme,
    async build (options) {
      const app = Fastify()
      await app.register(contiple, { signedContent, ...options })
      app.route({
        method: ['POST', 'PUT'],
        url: '/signed',
        preValidation: app.contiple.verify,
        handler: async request => request.verification
      })
      return app
    },
    sign ({ secret, time }) {
      const timestamp = String(time)
      const authorization = scheme.sign({ body, timestamp, uri: '/signed' }, secret)
      return {
        method: 'POST',
        url: '/signed',
        headers: { 'content-type': 'application/json', authorization, 'x-tc-timestamp': timestamp },
        body
      }
    },
    signature: { in: 'header', name: 'authorization' },
    covered: [{ in: 'body' }, { in: 'header', name: 'x-tc-timestamp' }],
    variations: {
      'method-not-covered': request => ({ ...request, method: 'PUT' }),
      'uri-not-covered': request => ({ ...request, url: '/signed?more=1' }),
      'headers-not-covered': request => ({
        ...request,
        headers: { ...request.headers, 'x-more': '1' }
      })
    }
  }
}

export const plugins: Record<string, PluginContract> = {
  'of body and time': plugin('body'),
  'of path, body and time': plugin('uri+body')
}
