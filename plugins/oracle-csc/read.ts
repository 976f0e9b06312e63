import type { FastifyRequest } from 'fastify'
import { InputError, malformed, missing, type VendorContext } from '../kit/index.ts'
import { wholeHash } from './hash.ts'
import type { OracleCscValues } from './options.ts'
import { assertRules } from './rules.ts'
import type { OracleCscInput } from './scheme.ts'
import { type ParameterNames, readClickToCallUrl } from './url.ts'

/**
 * Reads the request target as received: `request.query` has been through the router's parser and
 * schema coercion.
 */
export function readTarget (
  request: FastifyRequest,
  { options }: VendorContext<OracleCscInput, OracleCscValues>
) {
  const { algorithm, checkCallId, parameterNames: names } = options
  const target = request.url
  // Routers parse the text after # as query, so a handler could see other values than were
  // verified.
  if (target.includes('#')) throw new InputError('the request target has a fragment')
  const received = readClickToCallUrl(target, { names })
  const requireField = (field: keyof ParameterNames): string => {
    const value = received[field]
    if (value === undefined || value === '') throw missing(`parameter ${names[field]}`)
    return value
  }
  if (requireField('clickToCallInit') !== 'true') {
    throw malformed(`parameter ${names.clickToCallInit} is not "true"`)
  }
  const signature = requireField('hash')
  const hash = wholeHash(signature, algorithm)
  if (hash === null) throw malformed(`parameter ${names.hash} is not the hex of a hash`)
  const input: OracleCscInput = {
    username: requireField('username'),
    callerId: requireField('callerId'),
    ...checkCallId && { callId: requireField('callId') }
  }
  assertRules(options, input)
  return { input, signature, once: hash, covered: Object.keys(input) }
}

/**
 * The hashed fields. A call id that CSC does not check is sent unsigned.
 * @throws {InputError} when a checked call id is missing
 */
export function pickInput (
  { username, callerId, callId }: OracleCscInput,
  checkCallId: boolean
): OracleCscInput {
  if (!checkCallId) return { username, callerId }
  if (callId === undefined || callId === '') throw new InputError('callId is required')
  return { username, callerId, callId }
}
