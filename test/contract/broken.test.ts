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
import { otherSpellings } from '../../plugins/contract/spellings.ts'
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

/** A name, the cases of a broken contract, and those that must fail. */
type Breakage = readonly [name: string, cases: () => ContractCase[], fails: readonly string[]]

const wholeContracts = {
  'the strong scheme': schemeContract(strong),
  'the weak scheme': schemeContract(weak),
  'the strong plugin': pluginContract(strongPlugin()),
  'the weak plugin': pluginContract(weakPlugin()),
  'a plugin that signs seconds': pluginContract(signInSeconds())
}

/** The strong plugin with its time in seconds. */
function signInSeconds (): PluginContract {
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

/** The cases of a scheme with a change, strict or not. */
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

/** A scheme that ignores the address. */
const blind = (scheme: Scheme<StrongInput>): Scheme<StrongInput> => ({
  ...scheme,
  sign: (input, secret) => scheme.sign({ ...input, url: '/' }, secret),
  verify: (input, signature, secret) => scheme.verify({ ...input, url: '/' }, signature, secret)
})

/** The strong scheme, ignoring one part. */
const ignorePart = (part: keyof StrongInput) =>
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
  ['a scheme that refuses its own signatures', strongWith(() => ({ verify: () => false })), [
    'known answer: the only one',
    'verifies its own signatures, with every key'
  ]],
  [
    'a salt',
    strongWith(({ sign }) => ({
      sign: (input, secret) => sign({ ...input, nonce: String(Math.random()) }, secret)
    })),
    ['gives the same signature each time for the same input']
  ],
  ['a message that changes', strongWith(() => ({ message: () => String(Math.random()) })), [
    'gives the same signature each time for the same input'
  ]],
  [
    'a second key verifies',
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
    ['refuses a signature with one changed character']
  ],
  [
    'a lenient decoder',
    strongWith(({ verify }) => ({
      verify: (input, signature, secret) => verify(input, respell(signature), secret)
    })),
    ['refuses every other spelling of the signature']
  ],
  [
    'a declared spelling that is refused',
    () => schemeContract({ ...strong, alsoAccepts: signature => [signature.toLowerCase()] }),
    ['accepts the spellings in alsoAccepts']
  ],
  [
    'a spelling that is accepted but not declared',
    () => schemeContract({ ...weak, alsoAccepts: () => [] }),
    [
      'refuses every other spelling of the signature'
    ]
  ],
  [
    'a signature that is not text makes verify throw',
    strongWith(({ verify }) => ({
      verify: (input, signature, secret) => verify(input, signature.trim(), secret)
    })),
    ['returns false for a malformed signature, and never throws']
  ],
  [
    'an empty signature makes verify throw',
    strongWith(({ verify }) => ({
      verify (input, signature, secret) {
        if (signature === '') throw new RangeError('empty')
        return verify(input, signature, secret)
      }
    })),
    ['returns false for a malformed signature, and never throws']
  ],
  [
    'a part without a change',
    () => schemeContract({ ...strong, changed: strong.changed.slice(1) }),
    ['the contract has a change for every signed part']
  ],
  [
    'a change that changes nothing',
    () =>
      schemeContract({
        ...strong,
        changed: [{ url: strong.input.url }, ...strong.changed.slice(1)]
      }),
    ['refuses a changed url (1)']
  ],
  ['url left out', ignorePart('url'), [
    'refuses a changed url (1)',
    'refuses an input whose url is missing or empty'
  ]],
  ['body left out', ignorePart('body'), [
    'refuses a changed body (2)',
    'refuses an input whose body is missing or empty'
  ]],
  ['time left out', ignorePart('time'), [
    'refuses a changed time (3)',
    'refuses an input whose time is missing or empty'
  ]],
  ['nonce left out', ignorePart('nonce'), [
    'refuses a changed nonce (4)',
    'refuses an input whose nonce is missing or empty'
  ]],
  [
    'url left out by the loose scheme',
    () =>
      schemeContract({
        ...strong,
        createScheme: options =>
          options.strict === false ? blind(strongScheme(options)) : strongScheme(options)
      }),
    ['refuses a changed url (1)']
  ],
  [
    'an empty part replaced with the usual one',
    strongWith(({ verify }) => ({
      verify: (input, signature, secret) =>
        verify({ ...input, url: input.url === '' ? '/signed' : input.url }, signature, secret)
    })),
    ['refuses an input whose url is missing or empty']
  ],
  [
    'a left out',
    weakWith(({ verify }) => ({
      verify: (input, signature, secret) => verify({ ...input, a: 'kim' }, signature, secret)
    })),
    ['refuses a changed a (1)', 'refuses an input whose a is missing or empty']
  ],
  [
    'b left out',
    weakWith(({ verify }) => ({
      verify: (input, signature, secret) => verify({ ...input, b: 'x' }, signature, secret)
    })),
    ['refuses a changed b (2)', 'refuses an input whose b is missing or empty']
  ],
  [
    'an error of another kind for an input',
    strongWith(({ verify }) => ({
      verify (input, signature, secret) {
        if (input.url === undefined) throw new RangeError('url')
        return verify(input, signature, secret)
      }
    })),
    ['refuses an input whose url is missing or empty']
  ],
  [
    'a loose scheme that signs differently',
    () =>
      schemeContract({
        ...strong,
        createScheme: options =>
          options.strict === false
            ? { ...strongScheme(options), sign: () => 'x' }
            : strongScheme(options)
      }),
    ['gives the same signature, strict or not']
  ],
  [
    'a scheme that mutates its input',
    strongWith(({ message }) => ({
      message (input, secret) {
        input.nonce += '!'
        return message(input, secret)
      }
    })),
    ['never mutates its input']
  ],
  ['a scheme that mutates bytes', () => schemeContract(ofBytes), ['never mutates its input']],
  ['no ill-formed input', () => schemeContract({ ...strong, illFormed: [] }), [
    'throws InputError for ill-formed text, strict or not'
  ]],
  [
    'no text that is ill-formed',
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
    ['throws TypeError for an empty secret or one that is not a string, strict or not']
  ],
  [
    'a scheme that converts parts to text',
    strongWith(({ sign }) => ({
      sign: (input, secret) =>
        sign({ ...input, url: 'x', body: 'x', time: 'x', nonce: 'x' }, secret)
    })),
    ['throws TypeError for parts of the wrong type']
  ],
  ['a limit that the kit does not know', strongWith(() => ({ limits: ['no-luck' as Limit] })), [
    'declares only known limits, each once'
  ]],
  ['a limit twice', strongWith(() => ({ limits: ['no-nonce', 'no-nonce'] })), [
    'declares only known limits, each once'
  ]],
  [
    'an undeclared limit',
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
      `${limit} with a witness of two equal inputs`,
      () =>
        schemeContract({ ...weak, witnesses: { [limit]: { inputs: [{ a: 'x' }, { a: 'x' }] } } }),
      [`limit ${limit} is true`]
    ],
    [
      `${limit} with a witness that disproves it`,
      () =>
        schemeContract({ ...weak, witnesses: { [limit]: { inputs: [{ a: 'x' }, { a: 'y' }] } } }),
      [`limit ${limit} is true`]
    ]
  ]),
  [
    'an undeclared weak hash',
    weakWith(({ limits }) => ({ limits: limits.filter(limit => limit !== 'weak-hash') })),
    ['is not a bare SHA-1']
  ],
  ['an HMAC declared as a weak hash', strongWith(() => ({ limits: ['weak-hash'] })), [
    'limit weak-hash is true'
  ]]
]

/** The strong scheme over bytes, which it mutates after signing. */
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
 * Reads the first of repeated headers, and replaces a missing one with the value that was signed.
 */
const readCarelessly: Otherwise<StrongInput> = {
  read (request, read) {
    const first = (name: string, otherwise: string): string => {
      const at = request.raw.rawHeaders.findIndex(header => header.toLowerCase() === name)
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

/** Reads every body as JSON, whatever its Content-Type. */
const readAsJson: Otherwise<StrongInput> = {
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

/** Builds the strong plugin's app, then lets the test add hooks. */
const buildWithHooks = (
  add: (app: FastifyInstance) => unknown,
  otherwise: Otherwise<StrongInput> = {}
): PluginContract['build'] =>
async options => {
  const app = await strongPlugin(otherwise).build(options)
  add(app)
  return app
}

/** The strong plugin's cases, with every reply turned into this status. */
const replyWith = (status: number, otherwise: Otherwise<StrongInput> = {}) =>
  plugin({}, {
    build: buildWithHooks(app =>
      app.addHook('onSend', async (_request, reply) => {
        reply.code(status)
      }), otherwise)
  })

/**
 * Refuses a nonce that any earlier request had, forged or not, after the hook has reported its
 * outcome.
 */
function claimBeforeVerifying (): ContractCase[] {
  const nonces = new Set<unknown>()
  const build = buildWithHooks(app => {
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
    'a covered part whose name is not text',
    plugin(received(() => ({ covered: ['body', 1 as never] }))),
    ['accepts the signed request, and reports the covered parts']
  ],
  [
    'a refusal that reads like a result',
    plugin({
      replyTo: () => ({
        status: 200,
        body: { scheme: 'strong', duplicate: false, covered: ['body'] }
      })
    }, { sign: () => ({ method: 'POST', url: '/signed', headers: {}, body: '' }) }),
    ['accepts the signed request, and reports the covered parts']
  ],
  [
    'regression: a form was verified as JSON, and read as a form',
    plugin(readAsJson),
    ['the handler reads the verified fields, whatever the Content-Type']
  ],
  [
    'a charset that the handler heeds and the verifier ignores',
    plugin({}, {
      build: buildWithHooks(app => {
        app.addContentTypeParser(
          'application/json; charset=iso-8859-1',
          { parseAs: 'string' },
          async () => ({ callNum: '2' })
        )
      })
    }),
    ['the handler reads the verified fields, whatever the spelling of the Content-Type']
  ],
  [
    'a verifier that reads the first of two fields, and a handler that reads the last',
    weakOne({
      read (request, read) {
        const text = String(capturedBody(request))
        return { ...read(request), input: { a: /"a":"(\w+)"/.exec(text)?.[1] ?? '', b: 'x' } }
      }
    }),
    ['the handler reads the verified value of a field that is repeated or hidden in __proto__']
  ],
  ['an accepted request with another status', replyWith(202), [
    'accepts the signed request, and reports the covered parts'
  ]],
  ['a part that is refused only after the hook', replyWith(400, readCarelessly), [
    'refuses the request if header x-toy-time is missing, empty, repeated or malformed'
  ]],
  ['a refusal with status 200', replyWith(200), [
    'refuses a missing signature',
    'refuses a changed signature'
  ]],
  ['a refusal with status 500', replyWith(500), [
    'refuses a missing signature',
    'refuses a changed signature'
  ]],
  ['a fault with status 401', replyWith(401), [
    'answers 503 if no key is valid, and reveals nothing about the signature',
    'answers 503 to every request when the store fails'
  ]],
  ['a nonce that a forgery uses up', claimBeforeVerifying, ['makes no claim for a forged request']],
  ['a part without a name', plugin(received(() => ({ covered: ['body', ''] }))), [
    'accepts the signed request, and reports the covered parts'
  ]],
  ['a result that covers nothing', plugin(received(() => ({ covered: [] }))), [
    'accepts the signed request, and reports the covered parts'
  ]],
  [
    'a request that is refused',
    plugin({}, { sign: () => ({ method: 'POST', url: '/signed', headers: {}, body: '' }) }),
    ['accepts the signed request, and reports the covered parts']
  ],
  ['nothing covered', plugin({}, { covered: [] }), ['the request contains every declared part']],
  ['a part that the request lacks', plugin({}, { covered: [{ in: 'query', name: 'x' }] }), [
    'the request contains every declared part'
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
    'a signature of another shape crashes',
    plugin({
      read: readAnyShape,
      scheme: {
        ...scheme,
        verify: (input, signature, secret) =>
          scheme.verify(input, decodeURIComponent(signature).slice(0, 44), secret)
      }
    }),
    ['refuses a malformed signature']
  ],
  ['the first of two signatures', plugin(readCarelessly), ['refuses a repeated signature']],
  ['a signature that is the body', plugin({}, { signature: { in: 'body' } }), [
    'refuses a repeated signature'
  ]],
  [
    'a lenient decoder',
    plugin({
      read: readAnyShape,
      scheme: {
        ...scheme,
        verify: (input, signature, secret) => scheme.verify(input, respell(signature), secret)
      }
    }),
    ['accepts the spellings in alsoAccepts, and refuses all others']
  ],
  [
    'a declared spelling that is refused',
    plugin({}, { alsoAccepts: signature => [signature.toLowerCase()] }),
    ['accepts the spellings in alsoAccepts, and refuses all others']
  ],
  ['careless headers', plugin(readCarelessly), [
    'refuses the request if header x-toy-time is missing, empty, repeated or malformed',
    'refuses the request if header x-toy-nonce is missing, empty, repeated or malformed'
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
        `refuses the request if ${name} changes`,
        ...part === 'body'
          ? [`refuses the request if ${name} is missing, empty, repeated or malformed`]
          : []
      ]
    ]
  }),
  ...(['a', 'b'] as const).map((part): Breakage => {
    const unbroken = weakScheme()
    const blind = (input: WeakInput): WeakInput => ({ ...input, [part]: 'x' })
    return [
      `${part} left out`,
      weakOne({
        scheme: {
          ...unbroken,
          sign: (input, secret) => unbroken.sign(blind(input), secret),
          verify: (input, ...rest) => unbroken.verify(blind(input), ...rest)
        }
      }),
      [
        `refuses the request if field ${part} changes`,
        `refuses the request if field ${part} is missing, empty, repeated or malformed`
      ]
    ]
  }),
  [
    'a body with a Content-Encoding passes',
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
    ['does not reveal the secret in a refusal']
  ],
  [
    'only the first key counts',
    plugin({
      options: options =>
        Array.isArray(options.keys)
          ? { ...options, keys: options.keys.slice(0, 1) as Key[] }
          : options
    }),
    ['accepts a request signed with any of the keys, and reports the id of the key']
  ],
  ['any key verifies', plugin({ before: () => true }), [
    'refuses a request signed with an unknown key'
  ]],
  [
    'keys never expire',
    plugin({
      options: options => ({
        ...options,
        keys: ([options.keys].flat() as Key[]).map(key =>
          typeof key === 'string' ? key : { id: key?.id, secret: key?.secret }
        ) as Key[]
      })
    }),
    [
      'accepts a key from notBefore to notAfter, both inclusive',
      'answers 503 if no key is valid, and reveals nothing about the signature'
    ]
  ],
  [
    'a built-in key',
    plugin({
      options: options => ({ ...options, keys: options.keys || 'the-key-of-the-contract-suite' })
    }),
    ['refuses to register without a usable key']
  ],
  [
    'a timestamp despite no-timestamp',
    weakOne({ read: (request, read) => ({ ...read(request), timestamp: '1' }) }),
    ['limit no-timestamp is true: a request never expires']
  ],
  ['no time in the result', plugin(without('timestamp')), [
    'reports the signed time',
    'checks the signed time by default'
  ]],
  [
    'a millisecond more in the past',
    plugin({
      options: options => ({
        ...options,
        ...options.tolerance !== undefined && { tolerance: { pastMs: 60_001, futureMs: 7000 } }
      })
    }),
    ['accepts the earliest time in the window, and refuses an earlier one']
  ],
  [
    'a millisecond less in the future',
    plugin({
      options: options => ({
        ...options,
        ...options.tolerance !== undefined && { tolerance: { pastMs: 60_000, futureMs: 6999 } }
      })
    }),
    ['accepts the latest time in the window, and refuses a later one']
  ],
  [
    'seconds declared as milliseconds',
    () => pluginContract({ ...signInSeconds(), timeStepMs: 1 }),
    [
      'reports the signed time',
      'accepts the earliest time in the window, and refuses an earlier one'
    ]
  ],
  ['no window by default', plugin({ policy: { defaultTolerance: Number.MAX_SAFE_INTEGER } }), [
    'checks the signed time by default'
  ]],
  [
    'the time checked before the signature',
    plugin({
      read (request, read) {
        if (
          Number(singleHeader(request, 'X-Toy-Time')) < 1_600_000_000_000
        ) throw new TimestampOutOfWindow()
        return read(request)
      }
    }),
    ['reveals nothing about the time to a caller without a key']
  ],
  [
    'a store that never sees the same request',
    plugin(received(() => ({ once: String(Math.random()) }))),
    [
      'refuses a copy of an accepted request, whatever the spelling of its signature'
    ]
  ],
  [
    'a claim on the spelling of the signature',
    weakOne({
      read (request, read) {
        const all = read(request)
        return { ...all, once: all.signature }
      }
    }),
    ['refuses a copy of an accepted request, whatever the spelling of its signature']
  ],
  ['copies are always refused', plugin({ options: ({ duplicates: _, ...options }) => options }), [
    'accepts a copy with duplicates: mark, and reports it as a duplicate'
  ]],
  [
    'the claim made before the signature is checked',
    plugin({
      async before (request, { replay }) {
        if (
          replay === false ||
          await replay.putIfAbsent(String(request.headers['x-toy-nonce']), 'done', 1000) === null
        ) return
        throw new TimestampOutOfWindow()
      }
    }),
    ['makes no claim for a forged request']
  ],
  [
    'a failing store that is ignored',
    plugin({
      options: options => ({
        ...options,
        replay: options.replay && grantWhileFailing(options.replay)
      })
    }),
    ['answers 503 to every request when the store fails']
  ],
  [
    'a copy is accepted while the first is in progress',
    plugin({
      options: options => ({
        ...options,
        replay: options.replay && grantTakenClaims(options.replay)
      })
    }),
    ['answers 503 to a copy of a request in progress']
  ],
  [
    'a claim marked done before its handler runs',
    plugin({
      options: options => ({ ...options, replay: options.replay && claimAsDone(options.replay) })
    }),
    ['marks a claim as done only after the request has succeeded']
  ],
  [
    'a claim that is kept after a failure',
    plugin({
      options: options => ({
        ...options,
        replay: options.replay && { ...options.replay, delete () {} }
      })
    }),
    ['releases the claim of a failed request, and accepts its retry']
  ],
  [
    'a claim on the signature in place of the nonce',
    plugin(received(({ signature }) => ({ once: signature }))),
    ['refuses a copy signed with another valid key']
  ],
  [
    'a nonce despite no-nonce',
    weakOne({ read: (request, read) => ({ ...read(request), nonce: 'n' }) }),
    [
      'limit no-nonce is true: a copy verifies without a replay store'
    ]
  ],
  ['no nonce in the result', plugin(without('nonce')), ['reports the nonce']],
  ...([
    'method-not-covered',
    'uri-not-covered',
    'headers-not-covered',
    'some-fields-not-covered'
  ] as const).flatMap((limit): Breakage[] => [
    [`${limit} without a variation`, weakOne({}, { variations: {} }), [`limit ${limit} is true`]],
    [
      `${limit} with a variation that changes nothing`,
      weakOne({}, { variations: { [limit]: (request: ContractRequest) => request } }),
      [`limit ${limit} is true`]
    ],
    [
      `${limit} undeclared`,
      weakOne({
        scheme: {
          ...weakScheme(),
          limits: weakScheme().limits.filter(declared => declared !== limit)
        }
      }),
      [`limit ${limit} does not apply`]
    ]
  ]),
  [
    'a signed path despite uri-not-covered',
    plugin({ scheme: { ...scheme, limits: ['uri-not-covered'] } }),
    ['limit uri-not-covered is true']
  ]
]

/** Rewrites a signature as a lenient decoder reads it. */
function respell (signature: unknown): string {
  return Buffer.from(String(signature), 'base64').toString('base64')
}

/** Reads the request without checking the shape of the signature. */
function readAnyShape (
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

/** A store that grants a claim that is still in progress. */
function grantTakenClaims (store: ExpiringStore): ExpiringStore {
  return {
    ...store,
    async putIfAbsent (key, value, ttlMs) {
      const live = await store.putIfAbsent(key, value, ttlMs)
      return live?.startsWith('taken') === true ? null : live
    }
  }
}

/** A store whose claims are done at once. */
function claimAsDone (store: ExpiringStore): ExpiringStore {
  return {
    ...store,
    putIfAbsent: (key, _value, ttlMs) => store.putIfAbsent(key, 'done', ttlMs)
  }
}

/** A store that grants every claim while it fails. */
function grantWhileFailing (store: ExpiringStore): ExpiringStore {
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

/** Runs the named cases, and returns the names of those that fail. */
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
    const inputs: unknown[] = []
    const contract = strongPlugin()
    const cases = pluginContract({
      ...contract,
      build: buildWithHooks(app =>
        app.addHook('onRequest', async ({ headers }) => {
          inputs.push(headers['x-toy-nonce'])
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
    t.same(await failuresOf(cases, ['refuses the request if header x-toy-nonce changes']), [])
    t.strictSame(inputs, [changed], nonce)
  }
})

t.test('regression: a header with more than the signature became an empty one', async t => {
  const header = `t=1660095873,v1=${'0123456789abcdef'.repeat(4)}`
  t.notOk(Array.from(otherSpellings(header).values()).includes(''))
})

t.test('regression: a vendor that signs seconds failed without a hint', async t => {
  const { timeStepMs, ...contract } = signInSeconds()
  const reports = pluginContract(contract).find(({ name }) => name === 'reports the signed time')
  await t.rejects(async () => await reports?.run(), {
    message: /signed at 1660095873001, but 1660095873000 is reported; .* set timeStepMs: 1000\b/
  })
})

t.test('every case closes its app, whether it passes or fails', async t => {
  let built = 0
  let closed = 0
  const build = buildWithHooks(app => {
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
      'accepts the signed request, and reports the covered parts'
    ])
  }
  t.equal(built, 2)
  t.equal(closed, 2)
})

for (const [name, cases] of Object.entries(wholeContracts)) {
  t.test(`${name} keeps every promise`, async t => {
    for (const { name, run } of cases) await t.test(name, async () => await run())
  })
}

t.test('every case can fail', async t => {
  const failedNames = new Set<string>()
  for (const [name, cases, fails] of [...schemes, ...plugins]) {
    t.same(await failuresOf(cases(), fails), fails, name)
    for (const failedName of fails) failedNames.add(failedName)
  }
  const all = Object.values(wholeContracts).flat().map(({ name }) => name)
  t.same(all.filter(name => !failedNames.has(name)), [], 'cases that no breakage fails')
  t.equal(verificationChannel.hasSubscribers, false, 'a failing case leaves no listener')
})

t.test('regression: a wrong witness printed a diff of two hashes', async t => {
  const first = { a: 'first of two' }
  const second = { a: 'second of two' }
  const cases = schemeContract({
    ...weak,
    witnesses: { 'no-separator': { inputs: [first, second] } }
  })
  const { run } = cases.find(({ name }) => name === 'limit no-separator is true') ??
    t.fail() as never
  t.throws(run, {
    message: /^limit no-separator says: Neighbouring .* 'first of two' .* 'second of two' .*strict/
  })
})
