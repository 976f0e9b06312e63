import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LookupQuery, LookupReplies, NoSuchCustomer } from 'fastify-contact-center/contiple'
import { customerByPhone } from '../store/customers.ts'
import { toE164 } from './phone.ts'

/**
 * `POST /contiple/customer`: when an agent opens a ticket in Contiple, Contiple looks up the
 * caller.
 */
export const customerRoutes: FastifyPluginAsyncTypebox = async function customerRoutes (app) {
  app.post('/contiple/customer', {
    preValidation: app.contiple.verify,
    schema: {
      summary: 'Customer lookup',
      description: 'The desks ring when Contiple looks up a caller.',
      tags: ['contiple'],
      body: LookupQuery,
      response: LookupReplies
    }
  }, async (request) => {
    const phone = toE164(request.body.callNum, app.config.PHONE_REGION)
    const customer = phone === null
      ? undefined
      : await app.store.read(db => customerByPhone(db, phone))
    if (phone !== null) {
      await app.ring({ number: phone, customer, at: request.verification?.signedAt ?? null })
    }
    if (customer === undefined) throw new NoSuchCustomer()
    return { data: { userName: customer.name, id: customer.id } }
  })
}
