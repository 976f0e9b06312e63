import {
  createDiagnosis,
  createScheme,
  defaultNames,
  type ParameterNames,
  readClickToCallUrl
} from 'fastify-contact-center/oracle-csc'
import { explainSignature } from '../shared/explain-signed.ts'
import { omitEmpty, type ValuesOf } from '../shared/settings.ts'
import type { oracleCscSettings } from './settings.ts'

/** The hash algorithm and parameter names of click-to-call URLs. */
export interface Hashing {
  readonly key: string
  /** An expired key. */
  readonly oldKey?: string
  readonly algorithm: 'sha1' | 'sha256'
  readonly checkCallId: boolean
  readonly names: ParameterNames
}

/** From the current settings. */
export function readHashing (values: ValuesOf<typeof oracleCscSettings>): Hashing {
  const {
    key,
    oldKey,
    algorithm,
    checkCallId,
    usernameName: username,
    callerIdName: callerId,
    callIdName: callId,
    hashName: hash
  } = values
  return {
    key,
    ...omitEmpty({ oldKey }),
    algorithm: algorithm as 'sha1' | 'sha256',
    checkCallId: checkCallId === 'on',
    names: { ...defaultNames, username, callerId, callId, hash }
  }
}

// Hashes any input, like CSC: the package's rules are off.
export function createHashScheme ({ algorithm }: Hashing) {
  return createScheme({ algorithm, strict: false })
}

/** The mistake in a URL's hash, or undefined. */
export function explainHash (url: string, hashing: Hashing): string | undefined {
  const { key, oldKey, checkCallId, names } = hashing
  return explainSignature(
    {
      scheme: createHashScheme(hashing),
      diagnosis: createDiagnosis({ algorithm: hashing.algorithm, checkCallId, names }),
      key,
      ...oldKey !== undefined && { oldKey }
    },
    () => {
      const { username = '', callerId = '', callId, hash = '' } = readClickToCallUrl(url, { names })
      return {
        input: { username, callerId, ...checkCallId && callId !== undefined && { callId } },
        signature: hash
      }
    }
  )
}
