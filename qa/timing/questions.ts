import { randomBytes } from 'node:crypto'
import Fastify, { type FastifyRequest } from 'fastify'
import { scheme as contiple } from 'fastify-contact-center/contiple'
import { scheme as huaweiAicc } from 'fastify-contact-center/huawei-aicc'
import { scheme as itxChat } from 'fastify-contact-center/itx-chat'
import type { Scheme } from 'fastify-contact-center/kit'
import { scheme as onlineContact } from 'fastify-contact-center/online-contact'
import oracleCsc, { clickToCallUrl, scheme as oracle } from 'fastify-contact-center/oracle-csc'
import type { Question } from './measure.ts'

const secret = 'a-key-for-timing-only'
const signatureClasses = ['valid', 'first wrong', 'last wrong'] as const
type SignatureClass = typeof signatureClasses[number]

/** The number of signed inputs. Every class uses each of them. */
const pool = 256

/**
 * The changes to the first and last byte. Every class writes both, so that the steps are the same.
 */
const changes: Record<SignatureClass, readonly [first: number, last: number]> = {
  valid: [0, 0],
  'first wrong': [0x10, 0],
  'last wrong': [0, 0x10]
}

/** The signature of a class, in the vendor's spelling and as a new string. */
function changeSignature (
  signature: string,
  encoding: 'hex' | 'base64',
  name: SignatureClass
): string {
  const bytes = Buffer.from(signature, encoding)
  const [first, last] = changes[name]
  bytes[0] = (bytes[0] ?? 0) ^ first
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ last
  return bytes.toString(encoding)
}

function createSchemeQuestion<Input> (
  scheme: Scheme<Input>,
  encoding: 'hex' | 'base64',
  input: (index: number) => Input
): Question<SignatureClass> {
  const signed = Array.from({ length: pool }, (_, index) => {
    const signedInput = input(index)
    return {
      input: signedInput,
      signature: scheme.sign(signedInput, secret).padStart(encoding === 'hex' ? 40 : 0, '0')
    }
  })
  return {
    name: `${scheme.name}: signature`,
    classes: signatureClasses,
    prepare (name, index) {
      const { input, signature } = signed[index % pool] as typeof signed[number]
      const text = changeSignature(signature, encoding, name)
      return () => scheme.verify(input, text, secret)
    }
  }
}

const time = '1660095873001'

/** Each vendor's comparison in isolation. */
export const schemes: ReadonlyArray<Question<SignatureClass>> = [
  createSchemeQuestion(
    oracle,
    'hex',
    index => ({ username: 'kim', callerId: `+1555${1000000 + index}` })
  ),
  createSchemeQuestion(
    contiple,
    'base64',
    index => ({ body: `{"callNum":"+8210${10000000 + index}"}`, timestamp: time })
  ),
  createSchemeQuestion(
    onlineContact,
    'base64',
    index => ({
      service: 'shop',
      usercode: `member-${1000 + index}`,
      email: 'kim@example.com',
      time
    })
  ),
  createSchemeQuestion(
    itxChat,
    'hex',
    index => ({ verifiedData: { name: 'Kari', customer: 1000 + index } })
  ),
  createSchemeQuestion(
    huaweiAicc,
    'base64',
    index => ({
      params: `{"callSerialNo":"${1000 + index}","leaveReason":"1"}`,
      timestamp: time,
      nonce: String(1000 + index)
    })
  )
]

/**
 * The hook of a vendor with the signature in the URL, so no body is needed. The substitute key for
 * an unknown tenant has 44 characters; a key of another length would change the amount of text to
 * hash.
 */
export async function createHookQuestion (
  isRemembered: boolean,
  keyLength: number
): Promise<Question<'wrong key' | 'unknown tenant'>> {
  const app = Fastify()
  // Both results are ready: the duration of a look-up is not measured here.
  const answers = { known: [{ id: 'one', secret: secret.padEnd(keyLength, '-') }], other: [] }
  const nameOf = (request: FastifyRequest): string =>
    (request as unknown as { account: string }).account
  await app.register(oracleCsc, {
    tenant: nameOf,
    keys: request => answers[nameOf(request).startsWith('known') ? 'known' : 'other']
  })
  const forged = Array.from({ length: pool }, (_, index) => {
    const fields = { username: 'kim', callerId: `+1555${1000000 + index}` }
    return clickToCallUrl('https://csc.example/agent', {
      ...fields,
      hash: oracle.sign(fields, randomBytes(20).toString('hex'))
    })
  })
  return {
    name: `hook, tenant ${isRemembered ? 'remembered' : 'looked up'}, key of ${keyLength}`,
    classes: ['wrong key', 'unknown tenant'],
    prepare (name, index) {
      const account = `${name === 'wrong key' ? 'known' : 'other'}-${
        isRemembered ? index % 16 : index
      }`
      const request = {
        account,
        url: forged[index % pool],
        verification: null
      } as unknown as FastifyRequest
      return async () => await app.oracleCsc.verify(request).catch((error: unknown) => error)
    }
  }
}

/** A known leak, to check the measurement: a comparison that stops at the first difference. */
export const leakControl: Question<SignatureClass> = {
  name: 'control: stops at the first difference',
  classes: signatureClasses,
  prepare (name, index) {
    const expected = Buffer.alloc(32, index)
    const received = Buffer.from(changeSignature(expected.toString('hex'), 'hex', name), 'hex')
    return () => received.findIndex((byte, byteIndex) => byte !== expected[byteIndex])
  }
}

/** No leak, to check the measurement: one class under two names. */
export const equalControl: Question<'one' | 'another'> = {
  name: 'control: one class twice',
  classes: ['one', 'another'],
  prepare: (_name, index) => schemes[1]?.prepare('valid', index) ?? (() => {})
}
