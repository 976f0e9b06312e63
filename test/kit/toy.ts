import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createExplainLog, type Diagnosis } from 'fastify-contact-center/explain'
import { capturedBody, singleHeader, type Scheme } from 'fastify-contact-center/kit'
import { createVerify } from '../../plugins/kit/route/verify.ts'
import { decodeBase64Sha256, equalBytes, hmacSha256 } from '../../plugins/kit/wire/mac.ts'
import { installVendor } from '../../plugins/kit/route/install.ts'
import {
  readCommonOptions,
  type CommonOptions,
  type DecoratorNameOption,
  type WindowOption
} from '../../plugins/kit/route/options.ts'
import { SignatureMalformed } from 'fastify-contact-center'

export interface ToyInput {
  body: Uint8Array
  time: string
}

/** A minimal vendor that signs body and time. */
export const toyScheme: Scheme<ToyInput> = {
  name: 'toy',
  limits: ['no-nonce'],
  message: ({ body, time }) => Buffer.concat([body, Buffer.from(`.${time}`)]),
  sign: (input, secret) => hmacSha256(secret, toyScheme.message(input, secret)).toString('base64'),
  verify (input, signature, secret) {
    const received = decodeBase64Sha256(signature)
    return received !== null &&
      equalBytes(received, hmacSha256(secret, toyScheme.message(input, secret)))
  }
}

export interface ToyDecorator {
  verify: (request: FastifyRequest) => Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    toy: ToyDecorator
    toyTwo: ToyDecorator
  }
}

export const secret = 'a-key-of-at-least-16'

/** Registers the vendor on the app itself, like fastify-plugin. */
export function toy (
  app: FastifyInstance,
  options: Partial<CommonOptions & DecoratorNameOption<ToyDecorator> & WindowOption> = {},
  scheme = toyScheme,
  diagnosis?: Diagnosis<ToyInput>
): void {
  const settings = readCommonOptions({ keys: secret, ...options }, {
    vendor: 'toy',
    decorator: 'toy',
    published: [],
    defaultTolerance: 300_000
  })
  const verify = createVerify<ToyInput>({
    settings,
    scheme,
    read (request) {
      const signature = singleHeader(request, 'X-Toy-Signature')
      if (decodeBase64Sha256(signature) === null) throw new SignatureMalformed()
      const time = singleHeader(request, 'X-Toy-Time')
      return {
        input: { body: capturedBody(request), time },
        signature,
        timestamp: time,
        once: signature,
        covered: ['body', 'time']
      }
    },
    explainLater: diagnosis && createExplainLog(settings, scheme, diagnosis)
  })
  installVendor(app, {
    settings,
    scheme,
    sample: { body: Buffer.from('{}'), time: '0' },
    decorator: { verify },
    guards: [{ name: 'verify', hook: verify, readsBody: true }],
    replyTo: ({ status, code, message }) => ({ status, body: { toy: code, message } })
  })
}

export function toyHeaders (
  body: string | Uint8Array,
  time: number | string = Date.now(),
  key = secret
): Record<string, string> {
  return {
    'x-toy-signature': toyScheme.sign({ body: Buffer.from(body), time: String(time) }, key),
    'x-toy-time': String(time)
  }
}
