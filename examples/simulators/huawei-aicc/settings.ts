import { answers } from '../shared/answers.ts'
import { clock, oldKey } from '../shared/common-settings.ts'
import type { Settings } from '../shared/settings.ts'

export const huaweiAiccSettings = {
  secret: {
    variable: 'AICC_SECRET',
    label: 'Shared key',
    hint: 'of the callback URL',
    default: 'lab-huawei-aicc-secret-1',
    secret: true
  },
  accessToken: {
    variable: 'AICC_ACCESS_TOKEN',
    label: 'Access token',
    hint: 'the bearer token that createCall must send, or one that the app key was given',
    default: 'lab-huawei-aicc-token-01',
    secret: true
  },
  appKey: {
    variable: 'AICC_APP_KEY',
    label: 'App key',
    hint: 'with which your service asks for access tokens',
    default: 'lab-huawei-app-key-00001',
    secret: true
  },
  appSecret: {
    variable: 'AICC_APP_SECRET',
    label: 'App secret',
    default: 'lab-huawei-app-secret-001',
    secret: true
  },
  tokenSeconds: {
    variable: 'LAB_AICC_TOKEN_SECONDS',
    label: 'Access tokens expire after seconds',
    hint: 'those that the app key is given',
    default: '3600',
    kind: 'whole number'
  },
  connectedUrl: {
    variable: 'LAB_AICC_CONNECTED_URL',
    label: 'Connection callbacks go to',
    hint: 'an address of your service, with its secret part',
    default: 'http://127.0.0.1:3000/aicc/connected/lab-huawei-aicc-gate-001',
    kind: 'address',
    secret: true
  },
  releasedUrl: {
    variable: 'LAB_AICC_RELEASED_URL',
    label: 'Faults and voice notifications go to',
    hint: 'where your service receives release callbacks; for calls, createCall names the URL',
    default: 'http://127.0.0.1:3000/aicc/released',
    kind: 'address'
  },
  authentication: {
    variable: 'LAB_AICC_AUTHENTICATION',
    label: 'Authentication of release callbacks',
    hint: 'none: they are unsigned',
    default: 'shared-key',
    choices: ['shared-key', 'none']
  },
  ringMs: {
    variable: 'LAB_AICC_RING_MS',
    label: 'Rings by itself after milliseconds',
    hint: 'from createCall on; empty: you say when',
    kind: 'whole number'
  },
  talkMs: {
    variable: 'LAB_AICC_TALK_MS',
    label: 'Is answered by itself after milliseconds',
    hint: 'of ringing; empty: you say when',
    kind: 'whole number'
  },
  releaseMs: {
    variable: 'LAB_AICC_RELEASE_MS',
    label: 'Ends by itself after milliseconds',
    hint: 'of talking; empty: you say when',
    kind: 'whole number'
  },
  retryMs: {
    variable: 'LAB_AICC_RETRY_MS',
    label: 'Milliseconds before each retry',
    hint: 'of a callback that your service did not acknowledge; separated by commas',
    default: '1000,5000,30000',
    kind: 'whole numbers'
  },
  duplicates: {
    variable: 'LAB_AICC_DUPLICATES',
    label: 'Repeated callbacks',
    hint: 'what your service does with them; the faults check that',
    default: 'either',
    choices: ['accept', 'refuse', 'either']
  },
  oldKey,
  clock,
  answers
} as const satisfies Settings
