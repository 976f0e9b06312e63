import Stripe from 'stripe'
import { postJson, secret } from '../samples.ts'
import type { Peer } from './peer.ts'

const { webhooks } = new Stripe('sk_test_bench')

export const peer: Peer = {
  name: 'stripe',
  raw: 'bytes',
  note: 'signs the time too; no check of the future side',
  sign: body =>
    postJson(body, {
      'stripe-signature': webhooks.generateTestHeaderString({ payload: body, secret })
    }),
  // Without constructEvent's JSON.parse: Fastify has parsed the body already.
  verify: (raw, headers) =>
    webhooks.signature?.verifyHeader(raw, headers['stripe-signature'] ?? '', secret, 300) ?? false
}
