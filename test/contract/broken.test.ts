import {
  pluginContract,
  schemeContract,
  type ContractCase,
  type ContractRequest,
  type ContractVector,
  type PluginContract,
  type SchemeContract
} from 'fastify-contact-center/contract'
import type { FastifyInstance } from 'fastify'
import { capturedBody, singleHeader, type Received, type Scheme } from 'fastify-contact-center/kit'
import { decodeBase64Sha256 } from '../../plugins/kit/wire/mac.ts'
import {
  type Limit,
  TimestampOutOfWindow,
  verificationChannel,
  type ExpiringStore,
  type Key
} from 'fastify-contact-center'
import t from 'tap'
import {
  type Otherwise,
  strong,
  strongPlugin,
  strongScheme,
  type StrongInput,
  weak,
  weakPlugin,
  weakScheme,
  type WeakInput
} from './toys.ts'

/** What a breakage is, the contract with it, and the cases that must fail. */
type Breakage = readonly [name: string, cases: () => ContractCase[], fails: readonly string[]]

const whole = {
  'the strong scheme': schemeContract(strong),
  'the weak scheme': schemeContract(weak),
  'the strong plugin': pluginContract(strongPlugin()),
  'the weak plugin': pluginContract(weakPlugin()),
  'a plugin that signs seconds': pluginContract(bySeconds())
}

/** The strong plugin with its time in seconds. */
function bySeconds (): PluginContract {
  const contract = strongPlugin({
    read (request, read) {
      const all = read(request)
      return { ...all, timestamp: `${all.timestamp}000` }
    }
  })
  return {
    ...contract,
    sign: ({ secret, time }) => contract.sign({ secret, time: Math.floor(time / 1000) }),
    timeStepMs: 1000
  }
}

/** A scheme with something changed, strict or not. */
function broken<Input extends object> (
  contract: SchemeContract<Input, { strict?: boolean }>,
  change: (scheme: Scheme<Input>) => Partial<Scheme<Input>>
): () => ContractCase[] {
  return () =>
    schemeContract({
      ...contract,
      createScheme (options) {
        const scheme = contract.createScheme(options) as Scheme<Input>
        return { ...scheme, ...change(scheme) }
      }
    })
}

const strongWith = (change: (scheme: Scheme<StrongInput>) => Partial<Scheme<StrongInput>>) =>
  broken(strong, change)
const weakWith = (change: (scheme: Scheme<WeakInput>) => Partial<Scheme<WeakInput>>) =>
  broken(weak, change)

/** The scheme over another address than it is given. */
const blind = (scheme: Scheme<StrongInput>): Scheme<StrongInput> => ({
  ...scheme,
  sign: (input, secret) => scheme.sign({ ...input, url: '/' }, secret),
  verify: (input, signature, secret) => scheme.verify({ ...input, url: '/' }, signature, secret)
})

/** The strong scheme over other parts than it is given. */
const blindTo = (part: keyof StrongInput) =>
  strongWith(({ sign, verify }) => ({
    sign: (input, secret) => sign({ ...input, [part]: 'x' }, secret),
    verify: (input, signature, secret) => verify({ ...input, [part]: 'x' }, signature, secret)
  }))

const [vector] = strong.vectors as [ContractVector<StrongInput>]

const schemes: Breakage[] = [
  ['no vectors', () => schemeContract({ ...strong, vectors: [] }), ['has known answers']],
  [
    "another message than the vector's",
    () => schemeContract({ ...strong, vectors: [{ ...vector, message: 'x' }] }),
    ['known answer: the only one']
  ],
  ["another signature than the vector's", weakWith(() => ({ sign: () => 'a'.repeat(40) })), [
    'known answer: without a message'
  ]],
  ['a scheme that refuses what it signs', strongWith(() => ({ verify: () => false })), [
    'known answer: the only one',
    'verifies what it signs, with every key'
  ]],
  [
    'a salt',
    strongWith(({ sign }) => ({
      sign: (input, secret) => sign({ ...input, nonce: String(Math.random()) }, secret)
    })),
    ['signs the same input the same way each time']
  ],
  ['a message that changes', strongWith(() => ({ message: () => String(Math.random()) })), [
    'signs the same input the same way each time'
  ]],
  [
    'any key verifies',
    strongWith(({ sign, verify }) => ({
      verify: (input, signature, secret) =>
        verify(input, signature, secret) ||
        signature === sign(input, 'another-key-of-the-same-account')
    })),
    ['refuses the signature of another key']
  ],
  [
    'a comparison of the beginning',
    strongWith(({ sign }) => ({
      verify: (input, signature, secret) =>
        sign(input, secret).slice(0, 8) === String(signature).slice(0, 8)
    })),
    ['refuses a signature with any character changed']
  ],
  [
    'a lenient decoder',
    strongWith(({ verify }) => ({
      verify: (input, signature, secret) => verify(input, lenient(signature), secret)
    })),
    ['refuses every other spelling of the signature']
  ],
  [
    'a spelling that is not taken',
    () => schemeContract({ ...strong, alsoAccepts: signature => [signature.toLowerCase()] }),
    ['accepts the other spellings in alsoAccepts']
  ],
  ['a spelling too many', () => schemeContract({ ...weak, alsoAccepts: () => [] }), [
    'refuses every other spelling of the signature'
  ]],
  [
    'a throw at a signature that is no text',
    strongWith(({ verify }) => ({
      verify: (input, signature, secret) => verify(input, signature.trim(), secret)
    })),
    ['returns false for anything else than a signature, and never throws']
  ],
  [
    'a throw at an empty signature',
    strongWith(({ verify }) => ({
      verify (input, signature, secret) {
        if (signature === '') throw new RangeError('empty')
        return verify(input, signature, secret)
      }
    })),
    ['returns false for anything else than a signature, and never throws']
  ],
  [
    'a part without a change',
    () => schemeContract({ ...strong, changed: strong.changed.slice(1) }),
    ['every signed part has a change']
  ],
  [
    'a change that is none',
    () =>
      schemeContract({
        ...strong,
        changed: [{ url: strong.input.url }, ...strong.changed.slice(1)]
      }),
    ['refuses a change of url (1)']
  ],
  ['url left out', blindTo('url'), [
    'refuses a change of url (1)',
    'refuses an input without url, and with an empty one'
  ]],
  ['body left out', blindTo('body'), [
    'refuses a change of body (2)',
    'refuses an input without body, and with an empty one'
  ]],
  ['time left out', blindTo('time'), [
    'refuses a change of time (3)',
    'refuses an input without time, and with an empty one'
  ]],
  ['nonce left out', blindTo('nonce'), [
    'refuses a change of nonce (4)',
    'refuses an input without nonce, and with an empty one'
  ]],
  [
    'url left out where it is not strict',
    () =>
      schemeContract({
        ...strong,
        createScheme: options =>
          options.strict === false ? blind(strongScheme(options)) : strongScheme(options)
      }),
    ['refuses a change of url (1)']
  ],
  [
    'an empty part taken for the usual one',
    strongWith(({ verify }) => ({
      verify: (input, signature, secret) =>
        verify({ ...input, url: input.url === '' ? '/signed' : input.url }, signature, secret)
    })),
    ['refuses an input without url, and with an empty one']
  ],
  [
    'a left out',
    weakWith(({ verify }) => ({
      verify: (input, signature, secret) => verify({ ...input, a: 'kim' }, signature, secret)
    })),
    ['refuses a change of a (1)', 'refuses an input without a, and with an empty one']
  ],
  [
    'b left out',
    weakWith(({ verify }) => ({
      verify: (input, signature, secret) => verify({ ...input, b: 'x' }, signature, secret)
    })),
    ['refuses a change of b (2)', 'refuses an input without b, and with an empty one']
  ],
  [
    'an error of another kind for an input',
    strongWith(({ verify }) => ({
      verify (input, signature, secret) {
        if (input.url === undefined) throw new RangeError('url')
        return verify(input, signature, secret)
      }
    })),
    ['refuses an input without url, and with an empty one']
  ],
  [
    'loose signing that signs otherwise',
    () =>
      schemeContract({
        ...strong,
        createScheme: options =>
          options.strict === false
            ? { ...strongScheme(options), sign: () => 'x' }
            : strongScheme(options)
      }),
    ['strict signing makes the same signature']
  ],
  [
    'an input that is mutated',
    strongWith(({ message }) => ({
      message (input, secret) {
        input.nonce += '!'
        return message(input, secret)
      }
    })),
    ['never mutates its input']
  ],
  ['bytes that are mutated', () => schemeContract(ofBytes), ['never mutates its input']],
  ['no ill-formed input', () => schemeContract({ ...strong, illFormed: [] }), [
    'throws InputError for ill-formed text, strict or not'
  ]],
  [
    'ill-formed text that is signed',
    () => schemeContract({ ...strong, illFormed: [{ body: 'well-formed' }] }),
    ['throws InputError for ill-formed text, strict or not']
  ],
  [
    'an ill-formed secret that signs',
    strongWith(({ message, sign, verify }) => ({
      message: (input, secret) =>
        message(input, typeof secret === 'string' ? secret.toWellFormed() : secret),
      sign: (input, secret) =>
        sign(input, typeof secret === 'string' ? secret.toWellFormed() : secret),
      verify: (input, signature, secret) =>
        verify(input, signature, typeof secret === 'string' ? secret.toWellFormed() : secret)
    })),
    ['throws InputError for ill-formed text, strict or not']
  ],
  [
    'an empty secret that signs',
    strongWith(({ sign }) => ({ sign: (input, secret) => sign(input, secret || 'x') })),
    ['throws TypeError on a secret that is empty or not text, strict or not']
  ],
  [
    'parts that are made text',
    strongWith(({ sign }) => ({
      sign: (input, secret) =>
        sign({ ...input, url: 'x', body: 'x', time: 'x', nonce: 'x' }, secret)
    })),
    ['throws TypeError on parts of another type']
  ],
  ['a limit that the kit does not know', strongWith(() => ({ limits: ['no-luck' as Limit] })), [
    'declares known limits only, each once'
  ]],
  ['a limit twice', strongWith(() => ({ limits: ['no-nonce', 'no-nonce'] })), [
    'declares known limits only, each once'
  ]],
  [
    'a limit that is kept quiet',
    weakWith(({ limits }) => ({ limits: limits.filter(limit => limit !== 'untyped-values') })),
    ['declares every limit that has a witness']
  ],
  ...([
    'no-separator',
    'unescaped-separator',
    'unnamed-fields',
    'untyped-values',
    'spaces-not-covered',
    'key-truncated'
  ] as const).flatMap((limit): Breakage[] => [
    [`${limit} without a witness`, strongWith(() => ({ limits: [limit] })), [
      `limit ${limit} is true`
    ]],
    [
      `${limit} with a witness that shows nothing`,
      () =>
        schemeContract({ ...weak, witnesses: { [limit]: { inputs: [{ a: 'x' }, { a: 'x' }] } } }),
      [`limit ${limit} is true`]
    ],
    [
      `${limit} with a witness against it`,
      () =>
        schemeContract({ ...weak, witnesses: { [limit]: { inputs: [{ a: 'x' }, { a: 'y' }] } } }),
      [`limit ${limit} is true`]
    ]
  ]),
  [
    'a weak hash that is kept quiet',
    weakWith(({ limits }) => ({ limits: limits.filter(limit => limit !== 'weak-hash') })),
    ['is not a bare SHA-1']
  ],
  ['an HMAC that is called a weak hash', strongWith(() => ({ limits: ['weak-hash'] })), [
    'limit weak-hash is true'
  ]]
]

/** The strong scheme over bytes, which it changes when it has signed them. */
const ofBytes: SchemeContract<{ bytes: Uint8Array }> = {
  createScheme () {
    const { name, limits, sign, verify } = strongScheme()
    const asStrong = ({ bytes }: { bytes: Uint8Array }): StrongInput => ({
      url: '/',
      body: String(bytes),
      time: '0',
      nonce: '0'
    })
    return {
      name,
      limits,
      message: input => asStrong(input).body,
      sign (input, secret) {
        const signature = sign(asStrong(input), secret)
        input.bytes.set([Number(input.bytes[0]) + 1])
        return signature
      },
      verify: (input, signature, secret) => verify(asStrong(input), signature, secret)
    }
  },
  vectors: [],
  input: { bytes: Uint8Array.of(1) },
  changed: [{ bytes: Uint8Array.of(2) }],
  illFormed: []
}

const plugin = (otherwise: Otherwise<StrongInput>, more: Partial<PluginContract> = {}) => () =>
  pluginContract({ ...strongPlugin(otherwise), ...more })
const weakOne = (otherwise: Otherwise<WeakInput>, more: Partial<PluginContract> = {}) => () =>
  pluginContract({ ...weakPlugin(otherwise), ...more })

const scheme = strongScheme()
const received = (
  change: (received: Received<StrongInput>) => Partial<Received<StrongInput>>
): Otherwise<StrongInput> => ({
  read (request, read) {
    const all = read(request)
    return { ...all, ...change(all) }
  }
})
const without = <Name extends keyof Received<StrongInput>>(name: Name): Otherwise<StrongInput> => ({
  read (request, read) {
    const { [name]: _, ...rest } = read(request)
    return rest as Received<StrongInput>
  }
})

/**
 * Reads the headers as they come, the first of repeated ones, and for those that are missing what
 * they had been.
 */
const carelessly: Otherwise<StrongInput> = {
  read (request, read) {
    const first = (name: string, otherwise: string): string => {
      const at = request.raw.rawHeaders.findIndex(one => one.toLowerCase() === name)
      return (at < 0 ? undefined : request.raw.rawHeaders[at + 1]) || otherwise
    }
    const headers = {
      'X-Toy-Signature': first('x-toy-signature', 'x'),
      'X-Toy-Time': first('x-toy-time', '1660095873001'),
      'X-Toy-Nonce': first('x-toy-nonce', 'n1'),
      'Content-Type': first('content-type', 'application/json')
    }
    return read(
      Object.create(request, {
        raw: {
          value: Object.create(request.raw, {
            rawHeaders: { value: Object.entries(headers).flat() }
          })
        }
      }) as typeof request
    )
  }
}

/** Takes every body for JSON. */
const typeless: Otherwise<StrongInput> = {
  read: (request, read) =>
    read(
      Object.create(request, {
        raw: {
          value: Object.create(request.raw, {
            rawHeaders: {
              value: request.raw.rawHeaders.map(text =>
                text.includes('/') ? 'application/json' : text
              )
            }
          })
        }
      }) as typeof request
    )
}

/** Builds the strong plugin's app with hooks of the test's own. */
const hooked = (
  add: (app: FastifyInstance) => unknown,
  otherwise: Otherwise<StrongInput> = {}
): PluginContract['build'] =>
async options => {
  const app = await strongPlugin(otherwise).build(options)
  add(app)
  return app
}

/** What answers, whatever the hook said, with this status. */
const answering = (status: number, otherwise: Otherwise<StrongInput> = {}) =>
  plugin({}, {
    build: hooked(app =>
      app.addHook('onSend', async (_request, reply) => {
        reply.code(status)
      }), otherwise)
  })

/**
 * Lets the hook say what is wanted, and refuses then what came with a nonce that any earlier
 * request had.
 */
function claimingBeforehand (): ContractCase[] {
  const nonces = new Set<unknown>()
  const build = hooked(app => {
    app.addHook('preHandler', async ({ headers }) => {
      if (nonces.has(headers['x-toy-nonce'])) throw new TimestampOutOfWindow()
    })
    app.addHook('onResponse', async ({ headers }) => {
      nonces.add(headers['x-toy-nonce'])
    })
  })
  return plugin({}, { build })()
}

const plugins: Breakage[] = [
  [
    'a result with a name that is none',
    plugin(received(() => ({ covered: ['body', 1 as never] }))),
    ['accepts the signed request, and says what was covered']
  ],
  [
    'a refusal that reads like a result',
    plugin({
      replyTo: () => ({
        status: 200,
        body: { scheme: 'strong', duplicate: false, covered: ['body'] }
      })
    }, { sign: () => ({ method: 'POST', url: '/signed', headers: {}, body: '' }) }),
    ['accepts the signed request, and says what was covered']
  ],
  [
    'regression: a form was verified as JSON, and read as a form',
    plugin(typeless),
    ['the handler reads the fields that were verified, whatever the media type']
  ],
  [
    'a charset that the handler heeds, and the verifier does not',
    plugin({}, {
      build: hooked(app => {
        app.addContentTypeParser(
          'application/json; charset=iso-8859-1',
          { parseAs: 'string' },
          async () => ({ callNum: '2' })
        )
      })
    }),
    ['parameters, case and charset of the media type change nothing, or are refused']
  ],
  [
    'the first of two fields, where the handler reads the last one',
    weakOne({
      read (request, read) {
        const text = String(capturedBody(request))
        return { ...read(request), input: { a: /"a":"(\w+)"/.exec(text)?.[1] ?? '', b: 'x' } }
      }
    }),
    ['a field that is repeated, or hidden as __proto__, is read as it was verified']
  ],
  ['an accepted request that is answered otherwise', answering(202), [
    'accepts the signed request, and says what was covered'
  ]],
  ['a part that is refused only after the hook', answering(400, carelessly), [
    'refuses header x-toy-time missing, empty, repeated or of another alphabet'
  ]],
  ['a refusal with a good status', answering(200), [
    'refuses a missing signature',
    'refuses a changed signature'
  ]],
  ['a refusal that calls itself a fault', answering(500), [
    'refuses a missing signature',
    'refuses a changed signature'
  ]],
  ['a fault that calls itself a refusal', answering(401), [
    'answers 503 without a valid key, and says nothing about the signature',
    'accepts nothing unchecked when the store does not answer'
  ]],
  ['a nonce that a forgery uses up', claimingBeforehand, ['a forgery claims nothing']],
  ['a part without a name', plugin(received(() => ({ covered: ['body', ''] }))), [
    'accepts the signed request, and says what was covered'
  ]],
  ['a result that says nothing', plugin(received(() => ({ covered: [] }))), [
    'accepts the signed request, and says what was covered'
  ]],
  [
    'a request that is refused',
    plugin({}, { sign: () => ({ method: 'POST', url: '/signed', headers: {}, body: '' }) }),
    ['accepts the signed request, and says what was covered']
  ],
  ['nothing covered', plugin({}, { covered: [] }), ['each part is where the contract says']],
  ['a part that is not there', plugin({}, { covered: [{ in: 'query', name: 'x' }] }), [
    'each part is where the contract says'
  ]],
  ['unsigned requests pass', plugin({ before: request => !request.headers['x-toy-signature'] }), [
    'refuses a missing signature'
  ]],
  [
    'a comparison of the beginning',
    plugin({
      scheme: {
        ...scheme,
        verify: (input, signature, secret) =>
          scheme.sign(input, secret).slice(0, 8) === signature.slice(0, 8)
      }
    }),
    ['refuses a changed signature']
  ],
  [
    'a crash at another shape',
    plugin({
      read: unshaped,
      scheme: {
        ...scheme,
        verify: (input, signature, secret) =>
          scheme.verify(input, decodeURIComponent(signature).slice(0, 44), secret)
      }
    }),
    ['refuses a signature of another shape']
  ],
  ['the first of two signatures', plugin(carelessly), ['refuses a repeated signature']],
  ['a signature that is the body', plugin({}, { signature: { in: 'body' } }), [
    'refuses a repeated signature'
  ]],
  [
    'a lenient decoder',
    plugin({
      read: unshaped,
      scheme: {
        ...scheme,
        verify: (input, signature, secret) => scheme.verify(input, lenient(signature), secret)
      }
    }),
    ['accepts no other spelling of the signature than those in alsoAccepts']
  ],
  [
    'a spelling that is not taken',
    plugin({}, { alsoAccepts: signature => [signature.toLowerCase()] }),
    ['accepts no other spelling of the signature than those in alsoAccepts']
  ],
  ['careless headers', plugin(carelessly), [
    'refuses header x-toy-time missing, empty, repeated or of another alphabet',
    'refuses header x-toy-nonce missing, empty, repeated or of another alphabet'
  ]],
  ...(['body', 'time', 'nonce'] as const).map((part): Breakage => {
    const name = part === 'body' ? 'the body' : `header x-toy-${part}`
    const blind = (input: StrongInput): StrongInput => ({ ...input, [part]: 'x' })
    return [
      `${part} left out`,
      plugin({
        scheme: {
          ...scheme,
          sign: (input, secret) => scheme.sign(blind(input), secret),
          verify: (input, ...rest) => scheme.verify(blind(input), ...rest)
        }
      }),
      [
        `refuses a change of ${name}`,
        ...part === 'body'
          ? [`refuses ${name} missing, empty, repeated or of another alphabet`]
          : []
      ]
    ]
  }),
  ...(['a', 'b'] as const).map((part): Breakage => {
    const whole = weakScheme()
    const blind = (input: WeakInput): WeakInput => ({ ...input, [part]: 'x' })
    return [
      `${part} left out`,
      weakOne({
        scheme: {
          ...whole,
          sign: (input, secret) => whole.sign(blind(input), secret),
          verify: (input, ...rest) => whole.verify(blind(input), ...rest)
        }
      }),
      [
        `refuses a change of field ${part}`,
        `refuses field ${part} missing, empty, repeated or of another alphabet`
      ]
    ]
  }),
  [
    'a compressed body passes',
    plugin({
      before: request => {
        delete request.raw.headers['content-encoding']
      }
    }),
    ['refuses a body with a Content-Encoding']
  ],
  [
    'a reply with the secret',
    plugin({ replyTo: ({ status }, { keys }) => ({ status, body: { expectedKey: keys } }) }),
    ['a refusal does not reveal the secret']
  ],
  [
    'only the first key counts',
    plugin({
      options: options =>
        Array.isArray(options.keys)
          ? { ...options, keys: options.keys.slice(0, 1) as Key[] }
          : options
    }),
    ['any of several keys verifies, and the result names it']
  ],
  ['any key verifies', plugin({ before: () => true }), ["a stranger's key never verifies"]],
  [
    'keys count for ever',
    plugin({
      options: options => ({
        ...options,
        keys: ([options.keys].flat() as Key[]).map(key =>
          typeof key === 'string' ? key : { id: key?.id, secret: key?.secret }
        ) as Key[]
      })
    }),
    [
      'a key is valid from its first to its last millisecond',
      'answers 503 without a valid key, and says nothing about the signature'
    ]
  ],
  [
    'a key of its own',
    plugin({
      options: options => ({ ...options, keys: options.keys || 'the-key-of-the-contract-suite' })
    }),
    ['does not start without a usable key']
  ],
  [
    'a time after all',
    weakOne({ read: (request, read) => ({ ...read(request), timestamp: '1' }) }),
    ['limit no-timestamp is true: a request verifies for ever']
  ],
  ['nothing about the time', plugin(without('timestamp')), [
    'reports when the request was signed',
    'has a time window by default'
  ]],
  [
    'a millisecond more in the past',
    plugin({
      options: options => ({
        ...options,
        ...options.tolerance !== undefined && { tolerance: { pastMs: 60_001, futureMs: 7000 } }
      })
    }),
    ['the past edge of the window is the last moment inside it']
  ],
  [
    'a millisecond less in the future',
    plugin({
      options: options => ({
        ...options,
        ...options.tolerance !== undefined && { tolerance: { pastMs: 60_000, futureMs: 6999 } }
      })
    }),
    ['the future edge of the window is the last moment inside it']
  ],
  [
    'seconds that are said to be milliseconds',
    () => pluginContract({ ...bySeconds(), timeStepMs: 1 }),
    [
      'reports when the request was signed',
      'the past edge of the window is the last moment inside it'
    ]
  ],
  ['no window by default', plugin({ policy: { defaultTolerance: Number.MAX_SAFE_INTEGER } }), [
    'has a time window by default'
  ]],
  [
    'the time first',
    plugin({
      read (request, read) {
        if (
          Number(singleHeader(request, 'X-Toy-Time')) < 1_600_000_000_000
        ) throw new TimestampOutOfWindow()
        return read(request)
      }
    }),
    ['a caller without a key learns nothing about the time']
  ],
  ['no memory', plugin(received(() => ({ once: String(Math.random()) }))), [
    'refuses a copy with a replay store, however its signature is spelt'
  ]],
  [
    'a memory for one spelling',
    weakOne({
      read (request, read) {
        const all = read(request)
        return { ...all, once: all.signature }
      }
    }),
    ['refuses a copy with a replay store, however its signature is spelt']
  ],
  ['copies are always refused', plugin({ options: ({ duplicates: _, ...options }) => options }), [
    'accepts and marks a copy with duplicates: mark'
  ]],
  [
    'the claim first',
    plugin({
      async before (request, { replay }) {
        if (
          replay === false ||
          await replay.putIfAbsent(String(request.headers['x-toy-nonce']), 'done', 1000) === null
        ) return
        throw new TimestampOutOfWindow()
      }
    }),
    ['a forgery claims nothing']
  ],
  [
    'a store that is not asked',
    plugin({
      options: options => ({ ...options, replay: options.replay && forgiving(options.replay) })
    }),
    ['accepts nothing unchecked when the store does not answer']
  ],
  [
    'a copy that came too soon is let through',
    plugin({
      options: options => ({ ...options, replay: options.replay && hasty(options.replay) })
    }),
    ['answers 503 to a copy of a request in progress']
  ],
  [
    'a claim that is done before its handler',
    plugin({
      options: options => ({ ...options, replay: options.replay && early(options.replay) })
    }),
    ['a claim is marked done when its request succeeded, and not before']
  ],
  [
    'a claim that is kept after a failure',
    plugin({
      options: options => ({
        ...options,
        replay: options.replay && { ...options.replay, delete () {} }
      })
    }),
    ['a claim is released when its request failed, and the retry is accepted']
  ],
  [
    'a memory for signatures in place of nonces',
    plugin(received(({ signature }) => ({ once: signature }))),
    ['one of several signatures dropped after acceptance does not make a new request']
  ],
  ['a nonce after all', weakOne({ read: (request, read) => ({ ...read(request), nonce: 'n' }) }), [
    'limit no-nonce is true: a copy verifies without a replay store'
  ]],
  ['nothing about the nonce', plugin(without('nonce')), ['reports the nonce']],
  ...([
    'method-not-covered',
    'uri-not-covered',
    'headers-not-covered',
    'some-fields-not-covered'
  ] as const).flatMap((limit): Breakage[] => [
    [`${limit} without a variation`, weakOne({}, { variations: {} }), [`limit ${limit} is true`]],
    [
      `${limit} with a variation that is none`,
      weakOne({}, { variations: { [limit]: (request: ContractRequest) => request } }),
      [`limit ${limit} is true`]
    ],
    [
      `${limit} is kept quiet`,
      weakOne({
        scheme: { ...weakScheme(), limits: weakScheme().limits.filter(one => one !== limit) }
      }),
      [`limit ${limit} does not apply`]
    ]
  ]),
  [
    'a path that is signed after all',
    plugin({ scheme: { ...scheme, limits: ['uri-not-covered'] } }),
    ['limit uri-not-covered is true']
  ]
]

/** Takes what a lenient decoder takes. */
function lenient (signature: unknown): string {
  return Buffer.from(String(signature), 'base64').toString('base64')
}

/** Without a look at the shape of the signature. */
function unshaped (
  request: Parameters<NonNullable<Otherwise<StrongInput>['read']>>[0],
  read: (request: never) => Received<StrongInput>
): Received<StrongInput> {
  const signature = singleHeader(request, 'X-Toy-Signature')
  const { rawHeaders } = request.raw
  const shaped = rawHeaders.map((text, i) =>
    rawHeaders[i - 1]?.toLowerCase() === 'x-toy-signature' && decodeBase64Sha256(text) === null
      ? Buffer.alloc(32).toString('base64')
      : text
  )
  const stand = Object.create(request, {
    raw: { value: Object.create(request.raw, { rawHeaders: { value: shaped } }) }
  }) as never
  return { ...read(stand), signature }
}

/** Takes what somebody is at work on. */
function hasty (store: ExpiringStore): ExpiringStore {
  return {
    ...store,
    async putIfAbsent (key, value, ttlMs) {
      const live = await store.putIfAbsent(key, value, ttlMs)
      return live?.startsWith('taken') === true ? null : live
    }
  }
}

/** Knows one state only. */
function early (store: ExpiringStore): ExpiringStore {
  return {
    ...store,
    putIfAbsent: (key, _value, ttlMs) => store.putIfAbsent(key, 'done', ttlMs)
  }
}

/** Says yes when it cannot tell. */
function forgiving (store: ExpiringStore): ExpiringStore {
  return {
    ...store,
    putIfAbsent (key, value, ttlMs) {
      try {
        return store.putIfAbsent(key, value, ttlMs)
      } catch {
        return null
      }
    }
  }
}

/** Runs the named cases, and gives the names of those that fail. */
async function failuresOf (cases: ContractCase[], names: readonly string[]): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of cases) {
    if (!names.includes(name)) continue
    try {
      await run()
    } catch {
      failed.push(name)
    }
  }
  return failed
}

t.test('a changed part keeps its length and alphabet', async t => {
  for (
    const [nonce, changed] of [
      ['7', '3'],
      ['3', '7'],
      ['xC', 'xD'],
      ['x-Zx', 'x-Cx'],
      ['c', 'd'],
      ['id-q', 'id-c'],
      ['ac7', 'ac3'],
      ['-', 'c']
    ] as const
  ) {
    const seen: unknown[] = []
    const contract = strongPlugin()
    const cases = pluginContract({
      ...contract,
      build: hooked(app =>
        app.addHook('onRequest', async ({ headers }) => {
          seen.push(headers['x-toy-nonce'])
        })
      ),
      sign: ({ secret, time }) => {
        const request = contract.sign({ secret, time })
        const signature = strongScheme().sign({
          url: request.url,
          body: String(request.body),
          time: String(time),
          nonce
        }, secret)
        return {
          ...request,
          headers: { ...request.headers, 'x-toy-signature': signature, 'x-toy-nonce': nonce }
        }
      }
    })
    t.same(await failuresOf(cases, ['refuses a change of header x-toy-nonce']), [])
    t.strictSame(seen, [changed], nonce)
  }
})

t.test('every app of a case is closed, whether it holds or not', async t => {
  let built = 0
  let closed = 0
  const build = hooked(app => {
    built++
    app.addHook('onClose', async () => {
      closed++
    })
  })
  for (
    const sign of [
      strongPlugin().sign,
      () => ({ method: 'POST', url: '/signed', headers: {}, body: '' }) as const
    ]
  ) {
    await failuresOf(pluginContract({ ...strongPlugin(), build, sign }), [
      'accepts the signed request, and says what was covered'
    ])
  }
  t.equal(built, 2)
  t.equal(closed, 2)
})

for (const [name, cases] of Object.entries(whole)) {
  t.test(`${name} keeps every promise`, async t => {
    for (const { name, run } of cases) await t.test(name, async () => await run())
  })
}

t.test('every case can fail', async t => {
  const found = new Set<string>()
  for (const [name, cases, fails] of [...schemes, ...plugins]) {
    t.same(await failuresOf(cases(), fails), fails, name)
    for (const one of fails) found.add(one)
  }
  const all = Object.values(whole).flat().map(({ name }) => name)
  t.same(all.filter(name => !found.has(name)), [], 'cases that no breakage breaks')
  t.equal(verificationChannel.hasSubscribers, false, 'a case that fails leaves no listener behind')
})

t.test('regression: two inputs without their one signature were a diff of two hashes', async t => {
  const one = { a: 'first of two' }
  const other = { a: 'second of two' }
  const cases = schemeContract({ ...weak, witnesses: { 'no-separator': { inputs: [one, other] } } })
  const { run } = cases.find(({ name }) => name === 'limit no-separator is true') ??
    t.fail() as never
  t.throws(run, {
    message: /^limit no-separator says: Neighbouring .* 'first of two' .* 'second of two' .*strict/
  })
})
