import type { AddressInfo } from 'node:net'
import websocket from '@fastify/websocket'
import { Value } from '@sinclair/typebox/value'
import { explain } from 'fastify-contact-center/explain'
import genesysAudiohook, {
  AudiohookClientMessage,
  AudiohookServerMessage,
  createDiagnosis,
  createScheme,
  diagnosis,
  type GenesysAudiohookInput,
  type GenesysAudiohookOptions,
  scheme
} from 'fastify-contact-center/genesys-audiohook'
import { InputError } from 'fastify-contact-center/kit'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { build, now, vectorsOf } from '../helper.ts'
import { hmacSha256 } from '../../plugins/kit/wire/mac.ts'

const apiKey = 'the-api-key-of-the-test'
const secret = Buffer.from('the-client-secret-of-the-test').toString('base64')
const keys = { id: apiKey, secret }
const seconds = Math.floor(now / 1000)
type Headers = Record<string, string>

/** Starts a server whose handler replies with the verification. */
async function listen (t: Test, options: Partial<GenesysAudiohookOptions> = {}) {
  const app = await build(t, async app => {
    await app.register(websocket)
    await app.register(genesysAudiohook, { keys, now: () => now, ...options })
    app.get('/ws', {
      websocket: true,
      preValidation: app.genesysAudiohook.verify
    }, (socket, request) => {
      socket.send(JSON.stringify(request.verification))
    })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return { app, authority: `127.0.0.1:${port}` }
}

interface Opened {
  readonly status: number
  readonly json: Record<string, unknown>
}

/** Opens a WebSocket, and returns 101 with the first message, or the refusal. */
async function open (url: string, headers: object): Promise<Opened> {
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers: headers as Headers })
    socket.on('error', reject)
    socket.on('message', data => {
      socket.close()
      resolve({ status: 101, json: JSON.parse(String(data)) as Opened['json'] })
    })
    socket.on('unexpected-response', (_request, reply) => {
      let body = ''
      reply.on('data', chunk => {
        body += String(chunk)
      })
      reply.on('end', () => {
        resolve({ status: reply.statusCode ?? 0, json: JSON.parse(body) as Opened['json'] })
      })
    })
  })
}

t.test('opens a WebSocket with 101 after verifying its upgrade', async t => {
  const { app, authority } = await listen(t)
  const url = `ws://${authority}/ws?a=1`
  const headers = await app.genesysAudiohook.signHeaders({ requestTarget: '/ws?a=1', authority })
  const nonce = /nonce="([^"]+)"/.exec(headers['signature-input'])?.[1]
  t.match(await open(url, headers), {
    status: 101,
    json: {
      scheme: 'genesys-audiohook',
      keyId: apiKey,
      nonce,
      signedAt: seconds * 1000,
      covered: ['@request-target', '@authority', 'audiohook-organization-id']
    }
  })
  t.match(await open(url, headers), { status: 401, json: { code: 'FST_CC_REPLAYED' } }, 'a copy')
})

t.test('an injected request needs no raw headers', async t => {
  const { app, authority } = await listen(t, { explain: true })
  const headers = await app.genesysAudiohook.signHeaders({ requestTarget: '/ws', authority })
  const inject = async (more: object) => {
    const context = { headers: { host: authority, ...headers, ...more } }
    const socket = await app.injectWS('/ws', context)
    socket.terminate()
  }
  const signature = `${headers.signature.slice(0, 6)}${'A'.repeat(42)}=:`
  await t.rejects(inject({ signature }), { message: /: 401$/ }, 'forged')
  await t.rejects(
    inject({ signature: [headers.signature, headers.signature] }),
    { message: /: 401$/ },
    'repeated'
  )
  await t.rejects(inject({ signature: undefined }), { message: /: 401$/ }, 'missing')
  await inject({})
})

t.test('refuses an unverified upgrade with JSON, and opens no WebSocket', async t => {
  const { app, authority } = await listen(t)
  const url = `ws://${authority}/ws`
  const sign = async (more: object = {}): Promise<Headers> => ({
    ...await app.genesysAudiohook.signHeaders({ requestTarget: '/ws', authority, ...more })
  })
  const genuine = await sign()
  const input = genuine['signature-input'] ?? ''
  const without = (headers: Headers, name: string): Headers =>
    Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name))
  const cases: Array<[name: string, headers: Headers, status: number, code: string]> = [
    ['no signature', without(genuine, 'signature'), 401, 'SIGNATURE_MISSING'],
    ['no input', without(genuine, 'signature-input'), 401, 'SIGNATURE_MISSING'],
    ['no API key', without(genuine, 'x-api-key'), 401, 'SIGNATURE_MISSING'],
    ['no session', without(genuine, 'audiohook-session-id'), 401, 'SIGNATURE_MISSING'],
    ['another API key', { ...genuine, 'x-api-key': 'other' }, 401, 'SIGNATURE_INVALID'],
    [
      'an unknown key',
      {
        ...genuine,
        'x-api-key': 'other',
        'signature-input': input.replace(apiKey, 'other')
      },
      401,
      'SIGNATURE_INVALID'
    ],
    [
      'another label',
      { ...genuine, 'signature-input': input.replace('sig1', 'sig2') },
      401,
      'SIGNATURE_MALFORMED'
    ],
    [
      'a label with capitals',
      {
        ...genuine,
        'signature-input': input.replace('sig1', 'siG1'),
        signature: String(genuine['signature']).replace('sig1', 'siG1')
      },
      401,
      'SIGNATURE_MALFORMED'
    ],
    [
      'no colons',
      { ...genuine, signature: String(genuine['signature']).replaceAll(':', '') },
      401,
      'SIGNATURE_MALFORMED'
    ],
    [
      'no time',
      { ...genuine, 'signature-input': input.replace(/;created=[0-9]+/, '') },
      401,
      'SIGNATURE_MISSING'
    ],
    [
      'no nonce',
      { ...genuine, 'signature-input': input.replace(/;nonce="[^"]+"/, '') },
      401,
      'SIGNATURE_MISSING'
    ],
    ['another session', { ...genuine, 'audiohook-session-id': 'x' }, 401, 'SIGNATURE_INVALID'],
    [
      'another algorithm',
      { ...genuine, 'signature-input': input.replace('sha256', 'sha512') },
      400,
      'INPUT_REFUSED'
    ],
    [
      'two signatures',
      { ...genuine, 'signature-input': `${input}, ${input}` },
      400,
      'INPUT_REFUSED'
    ],
    ['another target', await sign({ requestTarget: '/other' }), 401, 'SIGNATURE_INVALID'],
    ['another host', await sign({ authority: 'x' }), 401, 'SIGNATURE_INVALID'],
    ['past', await sign({ created: seconds - 8 }), 401, 'TIMESTAMP_OUT_OF_WINDOW'],
    ['ahead', await sign({ created: seconds + 4 }), 401, 'TIMESTAMP_OUT_OF_WINDOW'],
    ['expired', await sign({ expires: seconds + 2 }), 401, 'TIMESTAMP_OUT_OF_WINDOW']
  ]
  for (const [name, headers, status, code] of cases) {
    t.match(await open(url, headers), { status, json: { code: `FST_CC_${code}` } }, name)
  }
  for (
    const edge of [{ created: seconds - 6 }, { created: seconds + 3 }, { expires: seconds + 4 }]
  ) {
    t.equal((await open(url, await sign(edge))).status, 101, JSON.stringify(edge))
  }
  const short = { ...genuine, 'signature-input': input.replace(/nonce="[^"]+"/, 'nonce="short"') }
  t.match(await open(url, short), { status: 400, json: { code: 'FST_CC_INPUT_REFUSED' } })
})

t.test('has exactly the time limits of the Genesys code', async t => {
  let at = now
  const app = await build(t, async app => {
    await app.register(genesysAudiohook, { keys, now: () => at, replay: false })
    app.get('/ws', { preValidation: app.genesysAudiohook.verify }, async () => ({}))
  })
  const statusAt = async (created: number, expires: number, ms: number): Promise<number> => {
    at = ms
    const headers = await app.genesysAudiohook.signHeaders({
      requestTarget: '/ws',
      authority: 'x',
      created,
      expires
    })
    return (await app.inject({ url: '/ws', headers: { host: 'x', ...headers } })).statusCode
  }
  const start = seconds * 1000
  t.equal(await statusAt(seconds, seconds + 30, start + 7000), 200)
  t.equal(await statusAt(seconds, seconds + 30, start + 7001), 401)
  t.equal(await statusAt(seconds, seconds + 30, start - 3000), 200)
  t.equal(await statusAt(seconds, seconds + 30, start - 3001), 401)
  t.equal(await statusAt(seconds, seconds + 5, start + 2000), 200)
  t.equal(await statusAt(seconds, seconds + 5, start + 2001), 401)
})

t.test('uses publicUrl as the signed address behind a proxy', async t => {
  const { app, authority } = await listen(t, {
    publicUrl: 'wss://audiohook.example.com:443/hooks/'
  })
  const upstream = { requestTarget: '/hooks/ws' }
  const headers = await app.genesysAudiohook.signHeaders(upstream)
  t.equal((await open(`ws://${authority}/ws`, headers)).status, 101)
  const local = await app.genesysAudiohook.signHeaders({ requestTarget: '/ws', authority })
  t.equal((await open(`ws://${authority}/ws`, local)).status, 401)
})

t.test('refuses to sign without a Host or a publicUrl', async t => {
  const { app } = await listen(t)
  await t.rejects(app.genesysAudiohook.signHeaders({ requestTarget: '/ws' }), InputError)
})

t.test('registration fails for wrong keys and options, and names the expected value', async t => {
  for (
    const [options, message] of [
      [{ keys: secret }, /must be \{ id, secret \}.*id is the API key/],
      [{ keys: [{ id: 'default', secret }] }, /must be \{ id, secret \}/],
      [
        { keys: { id: apiKey, secret: 'not base64 at all' } },
        /client secret in padded standard base64/
      ],
      [{ keys: { id: apiKey, secret: secret.replace(/=+$/, '') } }, /client secret in padded/],
      [
        { keys: { id: apiKey, secret: 'TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=' } },
        /published/
      ],
      [{ publicUrl: 'audiohook.example.com' }, /"publicUrl" must be the wss URL/],
      [{ publicUrl: 'wss://audiohook.example.com/?a=1' }, /"publicUrl"/],
      [{ publicUrl: 'ftp://audiohook.example.com' }, /"publicUrl"/]
    ] as const
  ) {
    await t.rejects(
      build(t, app => app.register(genesysAudiohook, { keys, ...options } as never)),
      { code: 'FST_CC_OPTION_INVALID', message },
      String(message)
    )
  }
})

t.test('looks keys up by the API key; an unknown key costs as much as a wrong one', async t => {
  const lookups: unknown[] = []
  const { app, authority } = await listen(t, {
    keys: (request, { keyId }) => {
      lookups.push(keyId ?? request.headers['x-api-key'])
      return keyId === undefined || keyId === apiKey ? [keys] : []
    }
  })
  const request = { headers: { 'x-api-key': apiKey } } as never
  const headers = await app.genesysAudiohook.signHeaders({
    requestTarget: '/ws',
    authority,
    request
  })
  t.equal((await open(`ws://${authority}/ws`, headers)).status, 101)
  const unknown = {
    ...headers,
    'x-api-key': 'other',
    'signature-input': headers['signature-input'].replace(apiKey, 'other')
  }
  t.match(await open(`ws://${authority}/ws`, unknown), {
    status: 401,
    json: { code: 'FST_CC_SIGNATURE_INVALID' }
  })
  t.strictSame(lookups.slice(-2), [apiKey, 'other'])
})

const [vector] = vectorsOf<GenesysAudiohookInput & { headers: Headers }>('genesys-audiohook')
const input = vector?.input as GenesysAudiohookInput & { headers: Headers }

t.test('parses Signature-Input strictly by RFC 8941', t => {
  const loose = createScheme({ strict: false })
  const signWith = (signatureInput: string) => () =>
    loose.sign({ ...input, signatureInput }, secret)
  for (
    const signatureInput of [
      '',
      'sig1',
      'sig1=',
      'sig1=();',
      'Sig1=()',
      'siG1=("@authority");created=1',
      'sig1=("@authority"',
      'sig1=(@authority)',
      'sig1=("@authority";req)',
      'sig1=("@Authority")',
      'sig1=("@method")',
      'sig1=("x-missing")',
      'sig1=("@authority" "@authority")',
      'sig1=("@authority");created="1"',
      'sig1=("@authority");created=1.5',
      'sig1=("@authority");created=-1',
      'sig1=("@authority");created=1;created=2',
      'sig1=("@authority");nonce=1',
      'sig1=("@authority");nonce="a\\"b"',
      'sig1=("@authority");tag="x"',
      'sig1=("@authority") ;created=1',
      'sig1=("@authority"), sig2=("@authority")',
      `sig1=("@authority");nonce="${'x'.repeat(2048)}"`
    ]
  ) t.throws(signWith(signatureInput), InputError, signatureInput.slice(0, 60))
  t.throws(signWith(1 as never), TypeError)
  t.throws(() => loose.sign({ ...input, authority: 1 as never }, secret), TypeError)
  t.throws(() => loose.sign({ ...input, headers: null as never }, secret), TypeError)
  t.throws(() => loose.sign({ ...input, headers: '[]' }, secret), TypeError)
  t.throws(() => loose.sign({ ...input, headers: '{' }, secret), InputError)
  t.equal(
    loose.sign({ ...input, headers: JSON.stringify(input.headers) }, secret),
    loose.sign(input, secret)
  )
  t.match(
    loose.message({ ...input, signatureInput: ' s=( "@authority"  );  created=007 ' }, secret)
      .toString(),
    /;created=7$/
  )
  t.end()
})

t.test('strict signing requires every part, both times, a long nonce and the key', t => {
  const text = input.signatureInput
  const loose = createScheme({ strict: false })
  for (
    const changed of [
      text.replace(' "audiohook-session-id"', ''),
      text.replace(/;created=[0-9]+/, ''),
      text.replace(/;expires=[0-9]+/, ''),
      text.replace(/;nonce="[^"]+"/, ''),
      text.replace(/;nonce="[^"]+"/, ';nonce="012345678901234567890"'),
      text.replace(/;keyid="[^"]+"/, ';keyid="other"'),
      text.replace(/;keyid="[^"]+"/, '')
    ]
  ) {
    const changedInput = { ...input, signatureInput: changed }
    t.throws(() => scheme.sign(changedInput, secret), InputError, changed)
    t.ok(loose.verify(changedInput, loose.sign(changedInput, secret), secret))
  }
  t.end()
})

t.test('genesys-audiohook: classic mistakes', t => {
  const text = String(scheme.message(input, secret))
  const key = Buffer.from(secret, 'base64')
  const signed = (message: string): string => hmacSha256(key, message).toString('base64')
  const lines = text.split('\n')
  const target = (changed: string): string => signed(text.replace(input.requestTarget, changed))
  const host = (changed: string): string =>
    signed(text.replace(`"@authority": ${input.authority}`, `"@authority": ${changed}`))
  const cases: Array<[code: string, signature: string]> = [
    ['key-not-decoded', hmacSha256(secret, text).toString('base64')],
    ['line-end', signed(text + '\n')],
    ['line-end', signed(text.replaceAll('\n', '\r\n'))],
    ['names-unquoted', signed(text.replaceAll(/^"([^"]+)":/gm, '$1:'))],
    [
      'names-case',
      signed(
        text.replaceAll(
          /^"[^"]+":/gm,
          name => name.replaceAll(/(?<=["-])[a-z]/g, letter => letter.toUpperCase())
        )
      )
    ],
    ['blank-missing', signed(text.replaceAll(/^("[^"]+":) /gm, '$1'))],
    ['params-missing', signed(lines.slice(0, -1).join('\n'))],
    ['params-label', signed(text.replace('params": (', 'params": sig1=('))],
    ['order', signed([...lines.slice(0, -1).sort(), ...lines.slice(-1)].join('\n'))],
    ['target-method', target(`get ${input.requestTarget}`)],
    ['target-slash', target(`${input.requestTarget}/`)],
    ['target-url', target(`wss://${input.authority}${input.requestTarget}`)],
    ['authority-port', host(`${input.authority}:443`)],
    ['spelling-hex', Buffer.from(signed(text), 'base64').toString('hex')]
  ]
  t.ok(new Set(cases.map(([code]) => code)).size >= 8, 'at least eight kinds')
  for (const [code, signature] of cases) {
    t.equal(
      explain(scheme, diagnosis, input, signature, [keys]).reasons[0]?.code,
      code
    )
  }
  const odd = {
    ...input,
    requestTarget: '/ws/?a=1',
    authority: 'Public.example:8443',
    headers: { ...input.headers as Headers, host: 'internal:3000' },
    signatureInput: input.signatureInput.replace(
      '"@request-target" "@authority"',
      '"@authority" "@request-target"'
    )
  }
  const oddText = String(scheme.message(odd, secret))
  const swapped = oddText.split('\n')
  for (
    const [code, message] of [
      ['target-query', oddText.replace('/ws/?a=1', '/ws/')],
      ['target-slash', oddText.replace('/ws/?', '/ws?')],
      ['authority-host', oddText.replace('Public.example:8443', 'internal:3000')],
      ['authority-port', oddText.replace('Public.example:8443', 'Public.example')],
      ['authority-case', oddText.replace('Public.example', 'public.example')],
      ['order', [swapped[1], swapped[0], ...swapped.slice(2)].join('\n')]
    ] as const
  ) t.equal(explain(scheme, diagnosis, odd, signed(message), [keys]).reasons[0]?.code, code)
  const asText = { ...odd, headers: JSON.stringify(input.headers) } as GenesysAudiohookInput
  t.match(explain(scheme, diagnosis, asText as never, signed('x'), [keys]), {
    matches: false,
    reasons: []
  })
  t.match(
    explain(scheme, diagnosis, input, scheme.sign(input, secret), [keys], {
      now: 1641013200_000 + 60_000,
      window: { pastMs: 7000, futureMs: 3000 }
    }),
    { matches: true, reasons: [{ code: String }] }
  )
  t.equal(diagnosis.timestamp?.({ ...input, signatureInput: 's=()' }), '000')
  t.end()
})

t.test('explain reads a request from Genesys, with and without publicUrl', t => {
  const request = (headers: Headers) => ({
    method: 'GET',
    target: '/ws',
    headers: new Map(Object.entries(headers)),
    body: new Uint8Array(0)
  })
  t.match(
    diagnosis.extract(request({ host: 'x', signature: 'sig1=:abc=:', 'signature-input': 's' })),
    {
      input: { requestTarget: '/ws', authority: 'x', signatureInput: 's' },
      signature: 'abc='
    }
  )
  t.match(diagnosis.extract(request({ signature: 'sig1=abc=' })), { signature: 'abc=' })
  t.match(diagnosis.extract(request({ signature: 'abc' })), { signature: 'abc' })
  t.match(diagnosis.extract(request({})), {
    input: { authority: '', signatureInput: '' },
    signature: ''
  })
  const publicUrl = 'wss://audiohook.example.com/hooks'
  for (
    const configured of [
      createDiagnosis({ publicUrl }),
      createDiagnosis({ publicUrl: { authority: 'audiohook.example.com', prefix: '/hooks' } })
    ]
  ) {
    t.match(configured.extract(request({ host: 'x' })).input, {
      requestTarget: '/hooks/ws',
      authority: 'audiohook.example.com'
    })
  }
  t.match(createDiagnosis({ publicUrl: 'nonsense' }).extract(request({ host: 'x' })).input, {
    authority: 'x'
  })
  t.match(diagnosis.missing?.(request({})), { signature: /Signature/, others: { length: 2 } })
  t.end()
})

t.test('logs why an upgrade was refused', async t => {
  const lines: string[] = []
  const app = await build(t, async app => {
    await app.register(genesysAudiohook, { keys, now: () => now, explain: true })
    app.get('/ws', { preValidation: app.genesysAudiohook.verify }, async () => 'verified')
  }, { logger: { level: 'warn', stream: { write: line => lines.push(line) } } })
  const signed = await app.genesysAudiohook.signHeaders({ requestTarget: '/', authority: 'x' })
  const { statusCode } = await app.inject({ url: '/ws', headers: { ...signed, host: 'x' } })
  t.equal(statusCode, 401)
  while (lines.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  t.match(
    lines.join(''),
    /"vendor":"genesys-audiohook".*"code":"FST_CC_SIGNATURE_INVALID","matches":false/
  )
  t.notMatch(lines.join(''), secret)
})

t.test('the schemas accept the documented messages, and added fields', t => {
  const media = [{ type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 }]
  const parameters: Record<string, object> = {
    open: {
      organizationId: 'o',
      conversationId: 'c',
      participant: { id: 'p', ani: '+1', aniName: '', dnis: '+2' },
      media,
      language: 'en-US',
      customConfig: { a: 1 },
      continuedSessions: [{ id: 's', serverseq: 1, clientseq: 2 }]
    },
    close: { reason: 'end' },
    ping: { rtt: 'PT0.05S' },
    discarded: { start: 'PT1S', discarded: 'PT.5S' },
    error: { code: 429, message: 'slow down', retryAfter: 'PT3S' },
    paused: {},
    resumed: { start: 'PT1S', discarded: 'PT1S' },
    update: { language: 'de-DE' },
    opened: { media, startPaused: false },
    closed: {},
    pong: {},
    disconnect: { reason: 'completed' },
    event: { entities: [{ type: 'transcript', data: {} }] },
    pause: {},
    resume: {},
    reconnect: { info: 'x' },
    updated: {}
  }
  const base = { version: '2', id: 's', seq: 1, added: 1 }
  const client = { ...base, serverseq: 0, position: 'PT0S' }
  const server = { ...base, clientseq: 0 }
  for (const [i, [type, values]] of Object.entries(parameters).entries()) {
    const ofClient = i < 8
    const message = { ...ofClient ? client : server, type, parameters: { ...values, added: 1 } }
    t.equal(Value.Check(AudiohookClientMessage, message), ofClient, type)
    t.equal(Value.Check(AudiohookServerMessage, message), !ofClient, type)
    t.notOk(Value.Check(AudiohookClientMessage, { ...message, seq: -1 }))
    t.notOk(Value.Check(AudiohookServerMessage, { ...message, type: 'other' }))
  }
  t.end()
})
