import { createError } from '@fastify/error'
import { createHash, timingSafeEqual } from 'node:crypto'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { OptionInvalid } from '../kit/errors.ts'

/**
 * How unsigned callbacks are accepted: not at all (`'refuse'`), with a token in the path
 * (`/aicc/connected/:gate`), or from listed addresses (IP addresses or CIDR blocks). If both are
 * given, both must match.
 */
export type Unsigned = 'refuse' | { token: string, addresses?: readonly string[] } | {
  token?: string,
  addresses: readonly string[]
}

/** An unsigned callback passed no gate. Status 403. */
export const UnsignedRefused = createError(
  'FST_CC_UNSIGNED_REFUSED',
  'An unsigned callback is not accepted here',
  403
)
/** A callback about a call that this service did not request. Status 404. */
export const UnknownCall = createError('FST_CC_UNKNOWN_CALL', 'No such call', 404)

/** The path parameter that holds the token. */
export const gateParameter = 'gate'

/** The least number of characters of a token, which replaces a signature. */
const minimumTokenLength = 16

/** Whether this service's createCall returned this serial number. */
export type IsKnownCall = (callSerialNo: string) => boolean | Promise<boolean>

/** Decides about unsigned callbacks. */
export interface Gate {
  readonly accepts: (request: FastifyRequest) => boolean
  /** Whether the path must have a token. */
  readonly needsToken: boolean
}

/**
 * Makes the gate of the option `unsigned`.
 * @throws {OptionInvalid} on a short token or an invalid address
 */
export function createGate (unsigned: Unsigned = 'refuse'): Gate {
  if (unsigned === 'refuse') return { accepts: () => false, needsToken: false }
  if (
    typeof unsigned !== 'object' || unsigned === null ||
    Object.keys(unsigned).some(name => name !== 'token' && name !== 'addresses')
  ) {
    throw optionError("must be 'refuse', { token }, { addresses } or both")
  }
  const { token, addresses } = unsigned
  if (token === undefined && addresses === undefined) {
    throw optionError('has neither a token nor addresses')
  }
  const checks = [
    ...token === undefined ? [] : [createTokenCheck(token)],
    ...addresses === undefined ? [] : [createAddressCheck(addresses)]
  ]
  return {
    accepts: request => checks.every(check => check(request)),
    needsToken: token !== undefined
  }
}

function createTokenCheck (token: string): (request: FastifyRequest) => boolean {
  if (
    typeof token !== 'string' || !/^[A-Za-z0-9_~.-]+$/.test(token) ||
    token.length < minimumTokenLength
  ) {
    throw optionError(`needs a token of at least ${minimumTokenLength} letters, digits or -._~`)
  }
  const expected = sha256(token)
  return function hasToken ({ params }) {
    const received = (params as Record<string, unknown>)[gateParameter]
    // Hashed first, so that timing reveals neither the length nor a prefix.
    return typeof received === 'string' && timingSafeEqual(sha256(received), expected)
  }
}

function createAddressCheck (addresses: readonly string[]): (request: FastifyRequest) => boolean {
  if (!Array.isArray(addresses) || addresses.length === 0) {
    throw optionError('needs at least one address')
  }
  const blockList = new BlockList()
  for (const address of addresses as readonly string[]) addAddress(blockList, address)
  return function hasListedAddress ({ ip }) {
    return isIP(ip) !== 0 && blockList.check(ip, familyOf(ip))
  }
}

function addAddress (blockList: BlockList, address: string): void {
  const [ip = '', prefix, ...rest] = String(address).split('/')
  const bits = isIPv6(ip) ? 128 : 32
  const isPrefix = prefix === undefined ||
    (/^[1-9][0-9]{0,2}$/.test(prefix) && Number(prefix) <= bits)
  if (isIP(ip) === 0 || ip.includes('%') || !isPrefix || rest.length > 0) {
    throw optionError('has an entry that is neither an IP address nor a CIDR block')
  }
  blockList.addSubnet(ip, prefix === undefined ? bits : Number(prefix), familyOf(ip))
}

function familyOf (ip: string): 'ipv4' | 'ipv6' {
  return isIPv6(ip) ? 'ipv6' : 'ipv4'
}

function sha256 (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function optionError (problem: string): Error {
  return new OptionInvalid('huawei-aicc', `option "unsigned" ${problem}`)
}
