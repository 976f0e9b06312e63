import { createHmac, randomBytes } from 'node:crypto'
import genesysAudiohook from 'fastify-contact-center/genesys-audiohook'
import { takesUpgrade } from './audiohook-verifier.ts'
import {
  apiKeys,
  doneAfterwards,
  type Parts,
  required,
  signedOtherwise,
  signedWrong
} from './audiohook-kinds.ts'
import { pick, type Random, randomInteger } from '../random.ts'
import type { Case, Stranger } from '../stranger.ts'

const secrets = new Map(
  apiKeys.map(id => [id, Buffer.from(`client secret of ${id}`)])
)
const secretOf = (apiKey: string): Buffer => secrets.get(apiKey) ?? Buffer.from('of somebody else')

const targets = ['/hook', '/hook?a=1', '/hook?q=%20', "/hook?q='", '/hook?a=1&a=2', '/hook?']

function genuine (random: Random, seconds: number): Parts {
  const apiKey = pick(random, apiKeys)
  return {
    label: 'sig1',
    target: pick(random, targets),
    headers: {
      host: pick(random, ['audiohook.example.com', 'audiohook.example.com:8443', 'Example.COM']),
      'audiohook-organization-id': `organization ${randomInteger(random, 1, 9)}`,
      'audiohook-session-id': `session-${randomInteger(random, 1, 1e6)}`,
      'audiohook-correlation-id': `correlation-${randomInteger(random, 1, 1e6)}`,
      'x-api-key': apiKey,
      'user-agent': 'GenesysCloud-AudioHook-Client',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64')
    },
    components: required,
    parameters: {
      keyid: `"${apiKey}"`,
      nonce: `"${randomBytes(18).toString('base64')}"`,
      alg: '"hmac-sha256"',
      created: String(seconds),
      expires: String(seconds + 30)
    }
  }
}

/** The signed lines, and the header that lists them. */
function baseOf ({ label, target, headers, components, parameters }: Parts) {
  const values: Readonly<Record<string, string | undefined>> = {
    ...headers,
    '@request-target': target,
    '@authority': headers['host']
  }
  const list = `(${components.map(name => `"${name}"`).join(' ')})${
    Object.entries(parameters).map(([name, value]) => `;${name}=${value}`).join('')
  }`
  const lines = components.map(name => `"${name}": ${values[name] ?? ''}`)
  return {
    text: [...lines, `"@signature-params": ${list}`].join('\n'),
    input: `${label}=${list}`
  }
}

const kinds: readonly string[] = [
  ...Object.keys(signedOtherwise),
  ...Object.keys(doneAfterwards),
  ...Object.keys(signedWrong)
]

/** Half of the requests are genuine. */
function upgrade (random: Random, now: number): Case {
  const kind = random() < 0.5 ? 'genuine' : pick(random, kinds)
  const seconds = Math.floor(now / 1000)
  const right = genuine(random, seconds)
  const parts = { ...right, ...signedOtherwise[kind]?.(right, random, seconds) }
  const { text, input } = baseOf(parts)
  const key = secretOf(parts.headers['x-api-key'] ?? '')
  const [signedText, signedKey] = signedWrong[kind]?.(text, key) ?? [text, key]
  const mac = createHmac('sha256', signedKey).update(signedText).digest('base64')
  const sent = {
    target: parts.target,
    headers: { ...parts.headers, 'signature-input': input, signature: `${parts.label}=:${mac}:` }
  }
  return { kind, method: 'GET', body: '', ...sent, ...doneAfterwards[kind]?.(sent, random) }
}

const oneSpelling = 'Genesys writes it in one way, and a copy could look new'
const oneSignature = 'Genesys sends one; with several it must be known which was verified'

export const genesysAudiohookStranger: Stranger = {
  vendor: 'genesys-audiohook',
  packages: "Genesys's reference implementation, written once more",
  decorator: 'genesysAudiohook',
  upgrades: true,
  register: async (app, now) => {
    await app.register(genesysAudiohook, {
      keys: Array.from(secrets, ([id, secret]) => ({ id, secret: secret.toString('base64') })),
      now,
      replay: false
    })
  },
  request: upgrade,
  accepts: ({ target, headers }) =>
    takesUpgrade({ target, headers, now: Date.now() / 1000 }, secrets),
  stricter: {
    'no expiry': 'Genesys always sends it, so its absence is not for the caller to choose',
    'expiry 0': 'there it counts as none',
    'a component twice': 'the second one adds nothing, and Genesys sends none',
    'a nonce with escapes': oneSpelling,
    'a long nonce': 'Signature-Input is at most 2,048 characters: each costs work before the MAC',
    'a parameter twice': 'it must be known which of the two counts',
    'time with a fraction': 'a time has one text: digits',
    'a further signature behind': oneSignature,
    'the signature twice': oneSignature,
    'the input twice': oneSignature,
    'base64 respelled': oneSpelling,
    'a parameter of the signature': 'it is not signed'
  }
}
