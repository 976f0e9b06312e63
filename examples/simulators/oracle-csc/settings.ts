import { defaultNames } from 'fastify-contact-center/oracle-csc'
import { answers } from '../shared/answers.ts'
import { cookie, method, oldKey } from '../shared/common-settings.ts'
import type { Settings } from '../shared/settings.ts'

export const oracleCscSettings = {
  key: {
    variable: 'ORACLE_CSC_KEY',
    label: 'secretKeyForHashCompare',
    hint: 'signs click-to-call URLs',
    default: 'lab-oracle-csc-key-00001',
    secret: true
  },
  hash: {
    variable: 'LAB_CSC_HASH',
    label: 'Hash',
    hint: 'off: no hash is configured, and agents log in by password',
    default: 'required',
    choices: ['required', 'off']
  },
  algorithm: {
    variable: 'LAB_CSC_ALGORITHM',
    label: 'Algorithm',
    hint: 'of the hash',
    default: 'sha1',
    choices: ['sha1', 'sha256']
  },
  checkCallId: {
    variable: 'LAB_CSC_CHECK_CALL_ID',
    label: 'checkFTCallID',
    hint: 'on: the call id is required and hashed',
    default: 'off',
    choices: ['on', 'off']
  },
  usernameName: {
    variable: 'LAB_CSC_LOGIN_PARAM',
    label: 'loginParamName',
    default: defaultNames.username
  },
  callerIdName: {
    variable: 'LAB_CSC_CALLER_ID_PARAM',
    label: 'callerIDParamName',
    default: defaultNames.callerId
  },
  callIdName: {
    variable: 'LAB_CSC_CALL_ID_PARAM',
    label: 'FTCallIDParamName',
    default: defaultNames.callId
  },
  hashName: { variable: 'LAB_CSC_HASH_PARAM', label: 'hashParamName', default: defaultNames.hash },
  targetUrl: {
    variable: 'LAB_CSC_URL',
    label: 'Click-to-call endpoint',
    hint: 'of your service, for the faults; the lab replaces {username}, {callerId} and {callId}',
    default: 'http://127.0.0.1:3000/click-to-call?callerId={callerId}&callId={callId}',
    kind: 'address'
  },
  method,
  cookie,
  oldKey,
  answers
} as const satisfies Settings
