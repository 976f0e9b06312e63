// Uses that the types must allow, and (each `@ts-expect-error`) must refuse. Checked with the
// repository, and by qa/package/pack.test.ts against the tarball under every module resolution.
// Never run.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyRequest } from 'fastify'
import contiple, {
  type ContipleDecorator,
  LookupQuery,
  LookupReplies
} from 'fastify-contact-center/contiple'
import huaweiAicc, {
  CallbackReplies,
  type HuaweiAiccDecorator,
  ReleaseCallback,
  success
} from 'fastify-contact-center/huawei-aicc'
import itxChat from 'fastify-contact-center/itx-chat'
import {
  type DecoratorOf,
  defineVendor,
  flag,
  hmacScheme,
  type OptionsOfVendor,
  singleHeader,
  type VerificationOf
} from 'fastify-contact-center/kit'
import { memoryStore, redisStore, type Verification } from 'fastify-contact-center'
import onlineContact from 'fastify-contact-center/online-contact'
import oracleCsc from 'fastify-contact-center/oracle-csc'

/** A custom vendor. */
const zeta = defineVendor({
  name: 'zeta',
  options: { strict: flag(true) },
  tolerance: 300_000,
  scheme: () =>
    hmacScheme<{ time: string }>({
      name: 'zeta',
      algorithm: 'sha256',
      encoding: 'hex',
      parts: ({ time }) => [time],
      limits: []
    }),
  readsBody: false,
  read (request) {
    const signature = singleHeader(request, 'X-Zeta-Signature')
    const timestamp = singleHeader(request, 'X-Zeta-Time')
    return { input: { time: timestamp }, signature, timestamp, once: signature, covered: ['time'] }
  },
  schemas: {},
  functions: () => ({ region: 'eu' })
})

declare module 'fastify' {
  interface FastifyInstance {
    contipleSeoul: ContipleDecorator
    aiccEurope: HuaweiAiccDecorator
    zeta: DecoratorOf<typeof zeta>
    zetaSeoul: DecoratorOf<typeof zeta>
  }
}

const keys = 'a-key-of-at-least-16'

export async function options (): Promise<void> {
  const app = Fastify()
  await app.register(contiple, {
    keys: [{ id: 'new', secret: keys, notBefore: 0 }, { id: 'old', secret: keys }],
    tolerance: { pastMs: 1, futureMs: 1 }
  })
  await app.register(huaweiAicc, {
    keys: async request => [{ id: request.ip, secret: keys }],
    tenant: request => request.hostname,
    replay: memoryStore()
  })
  await app.register(oracleCsc, { keys, rememberMs: 1000, replay: false })
  await app.register(itxChat, { keys, expiresIn: 1000 })
  await app.register(onlineContact, { keys, ampersand: 'allow' })

  // @ts-expect-error keys are required
  await app.register(contiple, {})
  // @ts-expect-error options are required
  await app.register(contiple)
  // @ts-expect-error an unknown option
  await app.register(contiple, { keys, tolerances: 5 })
  // @ts-expect-error CSC signs no time
  await app.register(oracleCsc, { keys, tolerance: 5 })
  // @ts-expect-error ITX Chat signs no time
  await app.register(itxChat, { keys, tolerance: 5 })
  // @ts-expect-error Contiple signs a time, so it has tolerance instead
  await app.register(contiple, { keys, rememberMs: 5 })
  // @ts-expect-error another vendor's option
  await app.register(huaweiAicc, { keys, signedContent: 'body' })
  // @ts-expect-error not one of the choices
  await app.register(huaweiAicc, { keys, numbers: 'float' })
  // @ts-expect-error not one of the choices
  await app.register(onlineContact, { keys, duplicates: 'ignore' })
  // @ts-expect-error a secret must be text
  await app.register(itxChat, { keys: { id: 'one', secret: 1 } })
  // @ts-expect-error a key needs an id
  await app.register(itxChat, { keys: [{ secret: keys }] })
  // @ts-expect-error a store needs every method
  await app.register(contiple, { keys, replay: { putIfAbsent: () => null } })
  // @ts-expect-error a Redis store needs a client
  redisStore({})
}

export async function names (): Promise<void> {
  const app = Fastify()
  await app.register(contiple, { keys, as: 'contipleSeoul' })
  app.contipleSeoul.verify satisfies (request: FastifyRequest) => Promise<void>

  // @ts-expect-error an undeclared decorator
  await app.register(contiple, { keys, as: 'contipleBusan' })
  // @ts-expect-error a decorator declared for another vendor
  await app.register(contiple, { keys, as: 'aiccEurope' })
  // @ts-expect-error a decorator of Fastify's own
  await app.register(contiple, { keys, as: 'register' })
  // @ts-expect-error an undeclared decorator cannot be used
  app.contipleBusan satisfies ContipleDecorator
}

export async function customVendors (): Promise<void> {
  const app = Fastify()
  await app.register(zeta, { keys, as: 'zetaSeoul', tolerance: 1 })
  app.zetaSeoul.region satisfies string
  const verified = {} as VerificationOf<typeof zeta>
  verified.scheme satisfies 'zeta'
  verified.signedAt satisfies number
  const options: OptionsOfVendor<typeof zeta> = { keys, strict: false }
  await app.register(zeta, options)

  // @ts-expect-error an undeclared decorator
  await app.register(zeta, { keys, as: 'zetaBusan' })
  // @ts-expect-error a decorator declared for another vendor
  await app.register(zeta, { keys, as: 'aiccEurope' })
  // @ts-expect-error Zeta signs a time, so it has tolerance instead
  await app.register(zeta, { keys, rememberMs: 5 })
  // @ts-expect-error an option of another type
  await app.register(zeta, { keys, strict: 'no' })
  // @ts-expect-error Zeta signs no nonce
  verified.nonce satisfies string
}

export function routes (): void {
  const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
  app.post('/contiple/customer', {
    preValidation: app.contiple.verify,
    schema: { body: LookupQuery, response: LookupReplies }
  }, async (request) => {
    request.body.callNum satisfies string
    request.verification satisfies Verification | null
    // @ts-expect-error the verification may be null
    request.verification.keyId satisfies string
    // @ts-expect-error Huawei's field, not Contiple's
    request.body.callSerialNo satisfies string
    return { data: { userName: request.body.nation ?? '' } }
  })
  const schema = { body: LookupQuery, response: LookupReplies }
  // @ts-expect-error Huawei's reply, not Contiple's
  app.post('/wrong', { preValidation: app.contiple.verify, schema }, async () => success)
  app.post('/aicc/released', {
    preValidation: app.huaweiAicc.verify,
    schema: { body: ReleaseCallback, response: CallbackReplies }
  }, async (request) => {
    request.body.callSerialNo satisfies string
    return success
  })
  // @ts-expect-error a misspelt hook
  app.get('/misspelt', { preValidations: app.contiple.verify }, async () => null)
}

export const query: LookupQuery = { callNum: '1' }
// @ts-expect-error a telephone number must be text
export const wrongQuery: LookupQuery = { callNum: 1 }
// @ts-expect-error required fields are missing
export const wrongCallback: ReleaseCallback = { callSerialNo: '1' }
