import Fastify from 'fastify'
import type { PluginContract, SchemeContract } from 'fastify-contact-center/contract'
import oracleCsc, {
  clickToCallUrl,
  createScheme,
  type OracleCscInput,
  type OracleCscSchemeOptions
} from 'fastify-contact-center/oracle-csc'
import { vectorsOf } from '../helper.ts'

type Contract = SchemeContract<OracleCscInput, OracleCscSchemeOptions>

/**
 * CSC prints the hash as a big number, without leading zeros. Both spellings, and capitals, are
 * accepted.
 */
const spellings = (digits: number) => (hash: string) =>
  [hash, hash.padStart(digits, '0')].flatMap(text => [text, text.toUpperCase()])

const contract = (options: OracleCscSchemeOptions, digits: number): Contract => ({
  createScheme: ({ ...overrides }) => createScheme({ ...options, ...overrides }),
  vectors: vectorsOf<OracleCscInput>('oracle-csc').map(vector => ({
    ...vector,
    options: { algorithm: 'sha1', byteLength: 'utf16', ...vector.options }
  })),
  input: { username: 'kim', callerId: '+15551234567', callId: '7.1' },
  changed: [{ username: 'Kim' }, { username: 'kim ' }, { callerId: '+15551234568' }, {
    callId: '7.2'
  }],
  illFormed: [{ username: '\ud800' }, { callerId: '+\udc00' }, { callId: '\ud800' }],
  witnesses: {
    'no-separator': {
      inputs: [{ username: 'kim', callerId: '12' }, { username: 'kim1', callerId: '2' }]
    },
    ...options.byteLength !== 'utf8' &&
      {
        'key-truncated': {
          inputs: [{ username: '홍길동', callerId: '1' }, { username: '홍길동', callerId: '1' }],
          secrets: ['a-key-of-which-6-are-cut-123456', 'a-key-of-which-6-are-cut-654321']
        }
      }
  },
  alsoAccepts: spellings(digits)
})

export const schemes: Record<string, Contract> = {
  'with SHA-1': contract({}, 40),
  'with SHA-256 over all bytes': contract({ algorithm: 'sha256', byteLength: 'utf8' }, 64)
}

const plugin = (checkCallId: boolean): PluginContract => {
  const scheme = createScheme()
  const fields = { username: 'kim', callerId: '+15551234567', callId: '711' }
  return {
    scheme,
    async build (options) {
      const app = Fastify()
      await app.register(oracleCsc, { checkCallId, ...options })
      app.route({
        method: ['GET', 'POST'],
        url: '/agent',
        onRequest: app.oracleCsc.verify,
        handler: async request => request.verification
      })
      return app
    },
    sign ({ secret }) {
      const { callId, ...rest } = fields
      const hash = scheme.sign(checkCallId ? fields : rest, secret)
      const { pathname, search } = new URL(
        clickToCallUrl('https://csc.example/agent', { ...fields, hash })
      )
      return { method: 'GET', url: pathname + search, headers: {} }
    },
    signature: { in: 'query', name: 'hash' },
    covered: [
      { in: 'query', name: 'username' },
      { in: 'query', name: 'UserTelephoneNumber' },
      ...checkCallId ? [{ in: 'query', name: 'callid' } as const] : []
    ],
    variations: {
      'method-not-covered': request => ({ ...request, method: 'POST' }),
      'uri-not-covered': request => ({ ...request, url: `${request.url}&more=1` }),
      'headers-not-covered': request => ({ ...request, headers: { 'x-more': '1' } }),
      'some-fields-not-covered': request => ({
        ...request,
        url: `${request.url}&referrer=anything`
      })
    },
    alsoAccepts: spellings(40)
  }
}

export const plugins: Record<string, PluginContract> = {
  'without the call id': plugin(false),
  'with the call id': plugin(true)
}
