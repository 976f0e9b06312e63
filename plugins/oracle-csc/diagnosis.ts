import {
  decodings,
  type Diagnosis,
  hashDigests,
  missingParts,
  type Part,
  type Reason,
  valueMistakes
} from '../kit/explain/index.ts'
import { InputError } from '../kit/index.ts'
import { writeHash } from './hash.ts'
import type { OracleCscInput } from './scheme.ts'
import { defaultNames, type ParameterNames, readClickToCallUrl } from './url.ts'

/** The options of {@link createDiagnosis}. */
export interface DiagnosisOptions {
  /** As in the scheme's options. */
  readonly algorithm?: 'sha1' | 'sha256'
  /** As in the scheme's options. */
  readonly byteLength?: 'utf16' | 'utf8'
  /** As in the plugin's options: whether the call id is signed. */
  readonly checkCallId?: boolean
  /** The plugin's `parameterNames`. */
  readonly names?: Partial<ParameterNames>
}

/** The input with the URL's call id, which is not checked. */
interface ReceivedInput extends OracleCscInput {
  readonly uncheckedCallId?: string
}

/** Known mistakes in code that builds click-to-call URLs. */
export function createDiagnosis (
  { algorithm = 'sha1', byteLength = 'utf16', checkCallId = false, names = {} }: DiagnosisOptions =
    {}
): Diagnosis<OracleCscInput> {
  return {
    ...hashDigests(algorithm),
    otherSpellings: [
      { write: digest => writeHash(hex(digest)) },
      { write: digest => hex(digest).toUpperCase() },
      { write: digest => writeHash(hex(digest)).toUpperCase() }
    ],
    *variants (input: ReceivedInput, secret) {
      const bytes = (text: string): Uint8Array =>
        byteLength === 'utf8' ? Buffer.from(text) : firstBytes(text)
      for (const { reason, texts } of otherTexts(input, secret)) {
        for (const text of texts) yield { ...reason, message: bytes(text) }
      }
      const text = joinFields(input)
      yield byteLength === 'utf8'
        ? {
          code: 'hash-first-bytes',
          text: "The client hashes only the first bytes, as CSC's own code does.",
          fix: "Register the plugin with byteLength: 'utf16', or hash the whole text.",
          message: firstBytes(text + secret)
        }
        : {
          code: 'hash-whole-text',
          text:
            'The client hashes the whole text; CSC hashes one byte for each of its UTF-16 units.',
          fix:
            "Hash the first bytes, one per UTF-16 unit, or register the plugin with byteLength: 'utf8'.",
          message: Buffer.from(text + secret)
        }
      for (const { bytes: key, reason } of decodings(secret)) {
        yield { ...reason, message: Buffer.concat([Buffer.from(text), key]) }
      }
    },
    missing ({ target }) {
      const receivedFields = readClickToCallUrl(target, { names })
      const allNames = { ...defaultNames, ...names }
      const part = (field: 'hash' | 'username' | 'callerId'): Part => [
        `the URL has no parameter ${allNames[field]}`,
        receivedFields[field]
      ]
      return missingParts(part('hash'), [part('username'), part('callerId')])
    },
    extract ({ target }) {
      const { username, callerId, callId, hash = '' } = readClickToCallUrl(target, { names })
      if (username === undefined || callerId === undefined) {
        throw new InputError(
          `parameter ${username === undefined ? 'username' : 'callerId'} is missing`
        )
      }
      return {
        input: {
          username,
          callerId,
          ...callId !== undefined && { [checkCallId ? 'callId' : 'uncheckedCallId']: callId }
        },
        signature: hash
      }
    }
  }
}

/** The diagnosis of the scheme with default options. */
export const diagnosis = createDiagnosis()

const plusDecoded = {
  code: 'plus-decoded',
  text: 'The plus sign of the number became a space: the URL lacks %2B, or is decoded twice.',
  fix: 'Write the plus sign as %2B in the URL, and sign the number with it.'
}
const letterCase = {
  code: 'value-case',
  text: 'The signed and the sent user name differ in letter case.',
  fix: 'Sign the name exactly as you send it.'
}
const wrongOrder = {
  code: 'order',
  text: 'The client signs the parts in the wrong order.',
  fix: 'Sign the user name, the call id if CSC checks it, the number and the key, in this order.'
}

function otherTexts (
  input: ReceivedInput,
  secret: string
): Array<{ reason: Reason, texts: string[] }> {
  const { username, callerId, callId = '', uncheckedCallId } = input
  const changeFields = (change: (value: string) => string): string =>
    joinFields({ username: change(username), callId: change(callId), callerId: change(callerId) }) +
    secret
  const withNumber = (number: string): string => username + callId + number + secret
  const withName = (name: string): string => name + callId + callerId + secret
  return [
    ...callerId.startsWith(' ')
      ? [{ reason: plusDecoded, texts: [withNumber('+' + callerId.slice(1))] }]
      : [{ reason: plusDecoded, texts: [withNumber(callerId.replaceAll('+', ' '))] }],
    {
      reason: {
        code: 'plus-missing',
        text: 'The client signs the plus sign of the number but does not send it, or the reverse.',
        fix: 'Sign the number exactly as you send it.'
      },
      texts: [withNumber(callerId.replace('+', '')), withNumber('+' + callerId)]
    },
    ...valueMistakes.map(({ apply, ...reason }) => ({ reason, texts: [changeFields(apply)] })),
    { reason: letterCase, texts: [withName(capitalise(username))] },
    {
      reason: {
        code: 'number-normalised',
        text: 'The signed and the sent number differ in format.',
        fix: 'Sign the number exactly as you send it.'
      },
      texts: otherNumbers(callerId).map(withNumber)
    },
    {
      reason: {
        code: 'values-encoded-twice',
        text: 'The client encodes the values twice.',
        fix: 'Encode each value once.'
      },
      texts: [
        changeFields(value =>
          new URLSearchParams(`=${value.replaceAll('+', '%2B')}`).getAll('').join('&')
        )
      ]
    },
    callId === ''
      ? {
        reason: {
          code: 'callid-included',
          text: 'The signature also covers the call id.',
          fix: "Omit the call id, or set the option checkCallId if CSC's FTCallID check is on."
        },
        texts: uncheckedCallId === undefined ? [] : [username + uncheckedCallId + callerId + secret]
      }
      : {
        reason: {
          code: 'callid-missing',
          text: 'The signature does not cover the call id.',
          fix:
            "Sign the call id after the user name, or unset checkCallId if CSC's FTCallID check is off."
        },
        texts: [username + callerId + secret]
      },
    {
      reason: wrongOrder,
      texts: [
        callerId + callId + username + secret,
        callerId + username + callId + secret,
        username + callerId + callId + secret,
        callId + username + callerId + secret,
        secret + username + callId + callerId,
        secret + callerId + callId + username
      ]
    },
    {
      reason: {
        code: 'secret-missing',
        text: 'The signed text lacks the key.',
        fix: 'Put the key at the end of the text.'
      },
      texts: [joinFields(input)]
    }
  ]
}

function capitalise (name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1).toLowerCase()
}

/** The number as telephone-number libraries and people write it. */
function otherNumbers (number: string): string[] {
  const digits = number.replaceAll(/[^0-9]/g, '')
  const significant = digits.replace(/^0+/, '')
  return [
    digits,
    '+' + digits,
    significant,
    '+' + significant,
    '00' + significant,
    '0' + significant,
    number.replaceAll(/[\s().-]/g, ''),
    ...[1, 2, 3].flatMap(length => [
      significant.slice(length),
      '0' + significant.slice(length)
    ])
  ]
}

function joinFields ({ username, callId = '', callerId }: OracleCscInput): string {
  return username + callId + callerId
}

function firstBytes (text: string): Uint8Array {
  return Buffer.from(text).subarray(0, text.length)
}

function hex (digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex')
}
