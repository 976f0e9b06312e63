import Fastify from 'fastify'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import genesysAudiohook, {
  createScheme,
  type GenesysAudiohookInput,
  scheme
} from 'fastify-contact-center/genesys-audiohook'
import { vectorsOf } from '../helper.ts'

const authority = 'audiohook.example.com'
const nonce = 'VGhpc0lzQVVuaXF1ZU5vbmNl'
const secretOf = (text: string): string => Buffer.from(text).toString('base64')
const headersOf = (apiKey: string) => ({
  'audiohook-organization-id': 'd7934305-0972-4844-938e-9060eef73d05',
  'audiohook-session-id': '30b0e395-84d3-4570-ac13-9a62d8f514c0',
  'audiohook-correlation-id': 'e160e428-53e2-487c-977d-96989bf5c99d',
  'x-api-key': apiKey
})
const components =
  '("@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" "audiohook-correlation-id" "x-api-key")'
const inputOf = (keyid: string, created: number): string =>
  `sig1=${components};keyid="${keyid}";nonce="${nonce}";alg="hmac-sha256";created=${created};expires=${
    created + 100_000
  }`
const headers = headersOf('first')
const signatureInput = inputOf('first', 1660095873)

export const schemes: Record<string, SchemeContract<GenesysAudiohookInput>> = {
  'of an upgrade': {
    createScheme,
    secretOf,
    vectors: vectorsOf<GenesysAudiohookInput>('genesys-audiohook'),
    input: { requestTarget: '/signed', authority, headers, signatureInput },
    changed: [
      { requestTarget: '/signed?more=1' },
      { authority: 'audiohook.example.net' },
      { headers: { ...headers, 'audiohook-session-id': '30b0e395-84d3-4570-ac13-9a62d8f514c1' } },
      { headers: { ...headers, 'x-api-key': 'second' } },
      { signatureInput: inputOf('first', 1660095874) },
      { signatureInput: signatureInput.replace('nonce="V', 'nonce="W') },
      {
        signatureInput: signatureInput.replace(
          '"@request-target" "@authority"',
          '"@authority" "@request-target"'
        )
      }
    ],
    illFormed: [
      { requestTarget: '/\ud800' },
      { authority: '\udc00' },
      { headers: { ...headers, 'audiohook-session-id': '\ud800' } },
      { requestTarget: '/\n"@authority": x' },
      { signatureInput: signatureInput.replace('hmac-sha256', 'hmac-sha512') },
      { signatureInput: signatureInput.replace('VGhp', 'VG\ud800') }
    ]
  }
}

export const plugins: Record<string, PluginContract> = {
  'an upgrade': {
    scheme,
    secretOf,
    usedOnceVerified: true,
    async build ({ keys, ...options }) {
      const app = Fastify()
      const named = typeof keys === 'string' ? { id: 'first', secret: keys } : keys
      // Requests name their key, so the cases' key IDs become those of the requests.
      const renamed = Array.isArray(named)
        ? named.map(key => ({
          ...key,
          id: { one: 'first', two: 'second' }[String(key.id)] ?? key.id
        }))
        : named
      await app.register(genesysAudiohook, { keys: renamed, ...options })
      app.route({
        method: ['GET', 'POST'],
        url: '/signed',
        preValidation: app.genesysAudiohook.verify,
        handler: async request => request.verification
      })
      return app
    },
    sign ({ secret, time }) {
      const apiKey = secret === secretOf('another-key-of-the-same-account') ? 'second' : 'first'
      const input = {
        requestTarget: '/signed',
        authority,
        headers: headersOf(apiKey),
        signatureInput: inputOf(apiKey, Math.floor(time / 1000))
      }
      return {
        method: 'GET',
        url: '/signed',
        headers: {
          host: authority,
          ...input.headers,
          'signature-input': input.signatureInput,
          signature: `sig1=:${scheme.sign(input, secret)}:`
        }
      }
    },
    signature: { in: 'header', name: 'signature' },
    covered: Object.keys(headers).map(name => ({ in: 'header', name })),
    timeStepMs: 1000,
    variations: {
      'method-not-covered': request => ({ ...request, method: 'POST' }),
      'uri-not-covered': request => ({ ...request, url: '/signed?more=1' }),
      'headers-not-covered': request => ({
        ...request,
        headers: { ...request.headers, 'x-more': '1' }
      })
    }
  }
}
