// Run it with: npx tsx --test contract.test.ts
import { readFileSync } from 'node:fs'
import test from 'node:test'
import Fastify from 'fastify'
import {
  type ContractVector,
  pluginContract,
  schemeContract
} from 'fastify-contact-center/contract'
import acme, { scheme, type AcmeInput } from './index.ts'

const { vectors } = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as {
  vectors: Array<ContractVector<AcmeInput>>
}

const cases = [
  ...schemeContract({
    createScheme: () => scheme,
    vectors,
    // An input with all parts, and one change to each part.
    input: { body: '{"id":1}', time: '1660095873001' },
    changed: [{ body: '{"id":2}' }, { time: '1660095873002' }],
    illFormed: [{ body: '\ud800' }, { time: '\ud800' }]
  }),
  ...pluginContract({
    scheme,
    async build (options) {
      const app = Fastify()
      await app.register(acme, options)
      app.route({
        method: ['POST', 'PUT'],
        url: '/signed',
        preValidation: app.acme.verify,
        handler: async (request) => request.verification
      })
      return app
    },
    sign ({ secret, time }) {
      const input = { body: '{"id":1}', time: String(time) }
      const headers = {
        'content-type': 'application/json',
        'x-acme-signature': scheme.sign(input, secret),
        'x-acme-time': input.time
      }
      return { method: 'POST', url: '/signed', headers, body: input.body }
    },
    // The location of the signature, and everything it covers.
    signature: { in: 'header', name: 'X-Acme-Signature' },
    covered: [{ in: 'body' }, { in: 'header', name: 'X-Acme-Time' }],
    // For each declared limit, a change to the request that still verifies.
    variations: {
      'method-not-covered': (request) => ({ ...request, method: 'PUT' }),
      'uri-not-covered': (request) => ({ ...request, url: '/signed?more=1' }),
      'headers-not-covered': (request) => ({
        ...request,
        headers: { ...request.headers, 'x-more': '1' }
      })
    }
  })
]

for (const { name, run } of cases) test(name, run)
