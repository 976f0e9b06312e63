// Like plugins.ts, for the pure schemes, the kit and the contract suite.
import {
  type ContipleInput,
  createScheme as createContiple,
  scheme as contiple
} from 'fastify-contact-center/contiple'
import { type SchemeContract, schemeContract } from 'fastify-contact-center/contract'
import {
  createScheme as createHuaweiAicc,
  scheme as huaweiAicc
} from 'fastify-contact-center/huawei-aicc'
import { scheme as itxChat } from 'fastify-contact-center/itx-chat'
import { type Diagnosis, explain, hashDigests } from 'fastify-contact-center/explain'
import type { Limit } from 'fastify-contact-center'
import type { Scheme } from 'fastify-contact-center/kit'
import { scheme as onlineContact } from 'fastify-contact-center/online-contact'
import {
  createScheme as createOracleCsc,
  scheme as oracleCsc
} from 'fastify-contact-center/oracle-csc'
import { type VendorName, vendors } from 'fastify-contact-center'

const secret = 'a-key-of-at-least-16'
vendors satisfies readonly VendorName[]

contiple.sign({ body: '{}', timestamp: '0' }, secret) satisfies string
contiple.verify({ body: Buffer.from('{}'), timestamp: '0', uri: '/' }, '', secret) satisfies boolean
huaweiAicc.sign({ params: '{}', timestamp: 0n, nonce: 'n' }, secret)
itxChat.sign({ verifiedData: { name: 'Kim' }, email: 'kim@example.com' }, secret)
onlineContact.sign({ service: 's', usercode: 'u', time: 0 }, secret)
oracleCsc.sign({ username: 'kim', callerId: '0' }, secret)

// @ts-expect-error a time must be its wire text
contiple.sign({ body: '{}', timestamp: 0 }, secret)
// @ts-expect-error a body must be its wire text
contiple.sign({ body: { callNum: '1' }, timestamp: '0' }, secret)
// @ts-expect-error a nonce is required
huaweiAicc.sign({ params: {}, timestamp: 0 }, secret)
// @ts-expect-error another vendor's input
itxChat.sign({ body: '{}', timestamp: '0' }, secret)
// @ts-expect-error a login is required
onlineContact.sign({ service: 's', time: 0 }, secret)
// @ts-expect-error a telephone number must be text
oracleCsc.sign({ username: 'kim', callerId: 821012345678 }, secret)
// @ts-expect-error a secret is required
contiple.sign({ body: '{}', timestamp: '0' })
// @ts-expect-error an algorithm that CSC does not have
createOracleCsc({ algorithm: 'md5' })
// @ts-expect-error an unknown option
createContiple({ signed: 'body' })
// @ts-expect-error not one of the choices
createHuaweiAicc({ numbers: 'float' })

/** A custom scheme. */
const own: Scheme<{ text: string }> = {
  name: 'own',
  limits: ['no-timestamp', 'no-nonce'] satisfies Limit[],
  message: ({ text }) => text,
  sign: ({ text }, key) => text + key,
  verify: ({ text }, signature, key) => signature === text + key
}
const ownDiagnosis: Diagnosis<{ text: string }> = {
  ...hashDigests('sha1'),
  variants: () => [],
  extract: () => ({ input: { text: '' }, signature: '' })
}
const { sign: _sign, ...ownVerifier } = own
explain(own, ownDiagnosis, { text: '' }, '', [{ id: 'one', secret }])
explain(ownVerifier, ownDiagnosis, { text: '' }, '', [{ id: 'one', secret }])

// @ts-expect-error the input of another scheme
explain(own, ownDiagnosis, { body: '' }, '', [{ id: 'one', secret }])
// @ts-expect-error an unknown limit
export const limited: Scheme<ContipleInput> = { ...contiple, limits: ['no-such-limit'] }
// @ts-expect-error a scheme needs message
export const silent: Scheme<string> = {
  name: 'silent',
  limits: [],
  sign: () => '',
  verify: () => false
}

declare const contract: SchemeContract<{ text: string }>
schemeContract(contract)
// @ts-expect-error a contract needs more than a scheme
schemeContract(own)
