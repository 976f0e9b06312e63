import { createHash } from 'node:crypto'
import Fastify, { type FastifyRequest } from 'fastify'
import type {
  ContractOptions,
  PluginContract,
  SchemeContract
} from 'fastify-contact-center/contract'
import {
  assertSecret,
  assertWellFormed,
  assertMediaType,
  capturedBody,
  decodeUtf8,
  InputError,
  singleHeader,
  type Received,
  type Scheme
} from 'fastify-contact-center/kit'
import { createVerify } from '../../plugins/kit/route/verify.ts'
import { decodeBase64Sha256, equalBytes, hmacSha256 } from '../../plugins/kit/wire/mac.ts'
import { installVendor } from '../../plugins/kit/route/install.ts'
import { readCommonOptions, type OptionsPolicy } from '../../plugins/kit/route/options.ts'
import { type Limit, SignatureMalformed, SignatureMissing } from 'fastify-contact-center'
import type { Failure, FailureReply } from '../../plugins/kit/route/failure.ts'

/**
 * Two toy vendors that pass every case. The strong one covers nearly everything; the weak one has
 * every limit.
 */

interface Strict {
  strict?: boolean
}

export interface StrongInput {
  url: string
  body: string
  time: string
  nonce: string
}
export interface WeakInput {
  a: string | null
  b?: string
}

const request = { url: '/signed', body: '{"callNum":"1"}', nonce: 'n1' }
const json = { 'content-type': 'application/json' }

export function strongScheme ({ strict = true }: Strict = {}): Scheme<StrongInput> {
  const message = (input: StrongInput, secret: string): string => {
    assertSecret(secret)
    const parts = [input.url, input.body, input.time, input.nonce]
    for (const part of parts) {
      if (typeof part !== 'string') throw new TypeError('a part must be text')
      assertWellFormed(part, 'a part')
      if (strict && part === '') throw new InputError('a part must not be empty')
    }
    return JSON.stringify(parts)
  }
  return {
    name: 'strong',
    limits: ['method-not-covered', 'headers-not-covered'],
    message,
    sign: (input, secret) => hmacSha256(secret, message(input, secret)).toString('base64'),
    verify (input, signature, secret) {
      const expected = hmacSha256(secret, message(input, secret))
      const received = decodeBase64Sha256(signature)
      return received !== null && equalBytes(received, expected)
    }
  }
}

/**
 * `hex(SHA-1(a and b, sorted, joined with "-", spaces removed; the first 20 characters of the
 * key))`
 */
export function weakScheme ({ strict = true }: Strict = {}): Scheme<WeakInput> {
  const message = ({ a, b = '' }: WeakInput, secret: string): string => {
    assertSecret(secret)
    for (const part of [a, b]) {
      if (part !== null && typeof part !== 'string') throw new TypeError('a part must be text')
      assertWellFormed(String(part), 'a part')
      if (strict && (part === null || part.includes('-'))) {
        throw new InputError('a part must be text without "-"')
      }
    }
    return [String(a), b].sort().join('-').replaceAll(' ', '') + secret.slice(0, 20)
  }
  const sign = (input: WeakInput, secret: string): string =>
    createHash('sha1').update(message(input, secret)).digest('hex')
  return {
    name: 'weak',
    limits: [
      'no-timestamp',
      'no-nonce',
      'no-separator',
      'unescaped-separator',
      'unnamed-fields',
      'untyped-values',
      'spaces-not-covered',
      'key-truncated',
      'weak-hash',
      'method-not-covered',
      'uri-not-covered',
      'headers-not-covered',
      'some-fields-not-covered'
    ],
    message,
    sign,
    verify (input, signature, secret) {
      const expected = sign(input, secret)
      return typeof signature === 'string' && /^[0-9a-f]{40}$/i.test(signature) &&
        equalBytes(Buffer.from(signature, 'hex'), Buffer.from(expected, 'hex'))
    }
  }
}

const time = '1660095873001'

export const strong: SchemeContract<StrongInput, Strict> = {
  createScheme: strongScheme,
  vectors: [{
    name: 'the only one',
    input: { ...request, time },
    secret: 'a-key-of-at-least-16',
    message: `["/signed","{\\"callNum\\":\\"1\\"}","${time}","n1"]`,
    signature: 'BEUuqFpH/RC8GUxtfGj8lFCqUOEIvh4+WzZOjgRLSWE='
  }],
  input: { ...request, time },
  changed: [{ url: '/' }, { body: '{}' }, { time: '1' }, { nonce: 'n2' }],
  illFormed: [{ url: '\ud800' }, { body: '\ud800' }, { time: '\ud800' }, { nonce: '\ud800' }]
}

export const weak: SchemeContract<WeakInput, Strict> = {
  createScheme: weakScheme,
  vectors: [{
    name: 'without a message',
    input: { a: '1' },
    secret: 'a-key-of-at-least-16',
    signature: '5c554dedc3bcc38248b1ff1f6a461010672c38fe'
  }],
  input: { a: 'kim', b: 'x' },
  changed: [{ a: 'Kim' }, { b: 'y' }],
  illFormed: [{ a: '\ud800' }, { b: '\ud800' }],
  witnesses: {
    'no-separator': {
      inputs: [{ a: 'x1' }, { a: 'x' }],
      secrets: ['a-key-of-at-least', '1a-key-of-at-least']
    },
    'unescaped-separator': { inputs: [{ a: 'a-b', b: 'c' }, { a: 'a', b: 'b-c' }] },
    'unnamed-fields': { inputs: [{ a: 'x', b: 'y' }, { a: 'y', b: 'x' }] },
    'untyped-values': { inputs: [{ a: null }, { a: 'null' }] },
    'spaces-not-covered': { inputs: [{ a: 'x y' }, { a: 'xy' }] },
    'key-truncated': {
      inputs: [{ a: 'x' }, { a: 'x' }],
      secrets: ['01234567890123456789-one', '01234567890123456789-two']
    }
  },
  alsoAccepts: signature => [signature.toUpperCase()]
}

/** How a broken toy differs. */
export interface Otherwise<Input> {
  scheme?: Scheme<Input>
  options?: (options: ContractOptions) => ContractOptions
  policy?: Partial<OptionsPolicy>
  read?: (
    request: FastifyRequest,
    read: (request: FastifyRequest) => Received<Input>
  ) => Received<Input>
  /** Runs before the hook; true accepts the request. */
  before?: (request: FastifyRequest, options: ContractOptions) => unknown
  replyTo?: (failure: Failure, options: ContractOptions) => FailureReply
}

export function strongPlugin (otherwise: Otherwise<StrongInput> = {}): PluginContract {
  const { scheme = strongScheme() } = otherwise
  return {
    scheme,
    build: build(
      { scheme, ...otherwise, policy: { defaultTolerance: 5000, ...otherwise.policy } },
      readStrong
    ),
    sign ({ secret, time }) {
      const input = { ...request, time: String(time) }
      return {
        method: 'POST',
        url: input.url,
        headers: {
          ...json,
          'x-toy-signature': scheme.sign(input, secret),
          'x-toy-time': input.time,
          'x-toy-nonce': input.nonce
        },
        body: input.body
      }
    },
    signature: { in: 'header', name: 'X-Toy-Signature' },
    covered: [{ in: 'body' }, { in: 'header', name: 'X-Toy-Time' }, {
      in: 'header',
      name: 'X-Toy-Nonce'
    }],
    variations: variations(['method-not-covered', 'headers-not-covered', 'uri-not-covered'])
  }
}

export function weakPlugin (otherwise: Otherwise<WeakInput> = {}): PluginContract {
  const { scheme = weakScheme() } = otherwise
  return {
    scheme,
    build: build({ scheme, ...otherwise }, readWeak),
    sign: ({ secret }) => ({
      method: 'POST',
      url: '/signed',
      headers: json,
      body: JSON.stringify({ a: 'kim', b: 'x', hash: scheme.sign({ a: 'kim', b: 'x' }, secret) })
    }),
    signature: { in: 'json', name: 'hash' },
    covered: [{ in: 'json', name: 'a' }, { in: 'json', name: 'b' }],
    variations: variations([
      'method-not-covered',
      'headers-not-covered',
      'uri-not-covered',
      'some-fields-not-covered'
    ]),
    alsoAccepts: signature => [signature.toUpperCase()]
  }
}

function variations (limits: Limit[]): NonNullable<PluginContract['variations']> {
  const all: NonNullable<PluginContract['variations']> = {
    'method-not-covered': request => ({ ...request, method: 'PUT' }),
    'uri-not-covered': request => ({ ...request, url: '/signed?more=1' }),
    'headers-not-covered': request => ({
      ...request,
      headers: { ...request.headers, 'x-more': '1' }
    }),
    'some-fields-not-covered': request => ({
      ...request,
      body: String(request.body).replace('{', '{"c":1,')
    })
  }
  return Object.fromEntries(
    Object.entries(all).filter(([limit]) => limits.some(declared => declared === limit))
  )
}

function build<Input> (
  { scheme, options: change = options => options, policy, read: readOtherwise, before, replyTo }:
    & Otherwise<Input>
    & { scheme: Scheme<Input> },
  read: (request: FastifyRequest) => Received<Input>
): PluginContract['build'] {
  return original => {
    const options = change(original)
    const settings = readCommonOptions(options, {
      vendor: 'toy',
      decorator: 'toy',
      published: [],
      ...policy
    })
    const verifyAsPromised = createVerify({
      settings,
      scheme,
      read: request => readOtherwise?.(request, read) ?? read(request)
    })
    const verify = async (request: FastifyRequest): Promise<void> => {
      if (await before?.(request, options) !== true) await verifyAsPromised(request)
    }
    const app = Fastify()
    installVendor(app, {
      settings,
      scheme,
      sample: { url: '/', body: '{}', time: '0', nonce: '0', a: '' } as Input,
      decorator: { verify },
      guards: [{ name: 'verify', hook: verify, readsBody: true }],
      replyTo: failure => replyTo?.(failure, options) ?? { status: failure.status, body: failure }
    })
    app.route({
      method: ['POST', 'PUT'],
      url: '/signed',
      preValidation: verify,
      handler: async request => request.verification
    })
    return app
  }
}

function readStrong (request: FastifyRequest): Received<StrongInput> {
  const signature = singleHeader(request, 'X-Toy-Signature')
  if (decodeBase64Sha256(signature) === null) throw new SignatureMalformed()
  const timestamp = singleHeader(request, 'X-Toy-Time')
  const nonce = singleHeader(request, 'X-Toy-Nonce')
  assertMediaType(request, 'application/json')
  return {
    input: {
      url: request.url,
      body: decodeUtf8(capturedBody(request), 'body'),
      time: timestamp,
      nonce
    },
    signature,
    timestamp,
    nonce,
    once: nonce,
    covered: ['url', 'body', 'time', 'nonce']
  }
}

function readWeak (request: FastifyRequest): Received<WeakInput> {
  assertMediaType(request, 'application/json')
  const { a, b, hash = '' } = JSON.parse(decodeUtf8(capturedBody(request), 'body')) as {
    a: string,
    b: string,
    hash: unknown
  }
  if (hash === '') throw new SignatureMissing()
  if (typeof hash !== 'string' || !/^[0-9a-f]{40}$/i.test(hash)) throw new SignatureMalformed()
  if (typeof a !== 'string' || typeof b !== 'string') throw new InputError('a and b must be text')
  return { input: { a, b }, signature: hash, once: hash.toLowerCase(), covered: ['a', 'b'] }
}
