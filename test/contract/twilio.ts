import { createHash } from 'node:crypto'
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import type {
  ContractRequest,
  PluginContract,
  SchemeContract
} from 'fastify-contact-center/contract'
import twilio, { createScheme, type TwilioInput } from 'fastify-contact-center/twilio'
import { vectorsOf } from '../helper.ts'

const publicUrl = 'https://voice.example.com'
export const hash = (body: string) => createHash('sha256').update(body).digest('hex')
const json = '{"event":"call","digits":"1234"}'
const url = `${publicUrl}/voice?foo=1`
const params = {
  CallSid: 'CA1234567890ABCDE',
  From: '+14158675309',
  To: ['+18005551212', '+18005551213']
}

const vectors = vectorsOf<TwilioInput>('twilio')

const common = { createScheme, illFormed: [{ url: `${url}\ud800` }] }
const border: SchemeContract<TwilioInput>['witnesses'] = {
  'no-separator': { inputs: [{ url, params: { a: 'bc' } }, { url, params: { ab: 'c' } }] }
}

export const schemes: Record<string, SchemeContract<TwilioInput>> = {
  'a form': {
    ...common,
    vectors: vectors.filter(({ input }) => input.body === undefined),
    input: { url, params },
    changed: [
      { url: `${publicUrl}/voice?foo=2` },
      { url: `${publicUrl}/voice` },
      { url: url.replace('https', 'http') },
      { url: url.replace('.com', '.com:8443/voice') },
      { params: { ...params, From: '+1' } },
      { params: { ...params, To: ['+18005551212'] } },
      { params: { ...params, More: '' } },
      { params: {} }
    ],
    illFormed: [...common.illFormed, { params: { From: '\ud800' } }, { params: { '\udc00': '' } }],
    witnesses: border
  },
  'a body': {
    ...common,
    vectors: vectors.filter(({ input }) => input.body !== undefined),
    input: { url: `${url}&bodySHA256=${hash(json)}`, body: json },
    changed: [
      { url: `${url}&bodySHA256=${hash('{}')}` },
      { url: `${publicUrl}/voice?bodySHA256=${hash(json)}` },
      { body: '{}' },
      { body: Buffer.from(`${json} `) }
    ],
    illFormed: [...common.illFormed, { body: '\ud800' }, { body: Buffer.from([0xff]) }],
    witnesses: border
  }
}

const plugin = (request: (secret: string) => ContractRequest): Omit<PluginContract, 'covered'> => ({
  scheme: createScheme(),
  async build (options) {
    const app = Fastify()
    await app.register(formbody)
    await app.register(twilio, { publicUrl, ...options })
    app.route({
      method: ['POST', 'PUT'],
      url: '/voice',
      preValidation: app.twilio.verify,
      handler: async request => request.verification
    })
    return app
  },
  sign: ({ secret }) => request(secret),
  signature: { in: 'header', name: 'X-Twilio-Signature' },
  variations: {
    'method-not-covered': request => ({ ...request, method: 'PUT' }),
    'uri-not-covered': request => ({ ...request, url: `${request.url}&more=1` }),
    'headers-not-covered': request => ({
      ...request,
      headers: { ...request.headers, 'x-more': '1' }
    })
  }
})

export const plugins: Record<string, PluginContract> = {
  'a form': {
    ...plugin(secret => ({
      method: 'POST',
      url: '/voice?foo=1',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': createScheme().sign({ url, params }, secret)
      },
      body: new URLSearchParams(
        Object.entries(params).flatMap(([name, values]) =>
          [values].flat().map((value): [string, string] => [name, value])
        )
      ).toString()
    })),
    covered: [{ in: 'form', name: 'CallSid' }, { in: 'form', name: 'From' }, {
      in: 'query',
      name: 'foo'
    }]
  },
  'a body': {
    ...plugin(secret => {
      const target = `/voice?foo=1&bodySHA256=${hash(json)}`
      return {
        method: 'POST',
        url: target,
        headers: {
          'content-type': 'application/json',
          'x-twilio-signature': createScheme().sign({ url: publicUrl + target, body: json }, secret)
        },
        body: json
      }
    }),
    covered: [{ in: 'body' }, { in: 'query', name: 'bodySHA256' }]
  }
}
