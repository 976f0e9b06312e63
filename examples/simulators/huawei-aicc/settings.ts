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
    hint: 'the bearer token for createCall; tokens issued for the app key work too',
    default: 'lab-huawei-aicc-token-01',
    secret: true
  },
  appKey: {
    variable: 'AICC_APP_KEY',
    label: 'App key',
    hint: 'for requests of access tokens',
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
    label: 'Lifetime of access tokens in seconds',
    hint: 'of tokens issued for the app key',
    default: '3600',
    kind: 'whole number'
  },
  connectedUrl: {
    variable: 'LAB_AICC_CONNECTED_URL',
    label: 'URL for connection callbacks',
    hint: 'of your service, with its secret part',
    default: 'http://127.0.0.1:3000/aicc/connected/lab-huawei-aicc-gate-001',
    kind: 'address',
    secret: true
  },
  releasedUrl: {
    variable: 'LAB_AICC_RELEASED_URL',
    label: 'URL for faults and voice notifications',
    hint: "your service's URL for release callbacks; for calls, createCall sets the URL",
    default: 'http://127.0.0.1:3000/aicc/released',
    kind: 'address'
  },
  authentication: {
    variable: 'LAB_AICC_AUTHENTICATION',
    label: 'Authentication of release callbacks',
    hint: 'none: unsigned',
    default: 'shared-key',
    choices: ['shared-key', 'none']
  },
  ringMs: {
    variable: 'LAB_AICC_RING_MS',
    label: 'Milliseconds until a call rings',
    hint: 'after createCall; empty: by button',
    kind: 'whole number'
  },
  talkMs: {
    variable: 'LAB_AICC_TALK_MS',
    label: 'Milliseconds until the customer answers',
    hint: 'after the ring; empty: by button',
    kind: 'whole number'
  },
  releaseMs: {
    variable: 'LAB_AICC_RELEASE_MS',
    label: 'Milliseconds until a call ends',
    hint: 'after the answer; empty: by button',
    kind: 'whole number'
  },
  retryMs: {
    variable: 'LAB_AICC_RETRY_MS',
    label: 'Milliseconds before each retry',
    hint: 'of an unacknowledged callback; separated by commas',
    default: '1000,5000,30000',
    kind: 'whole numbers'
  },
  duplicates: {
    variable: 'LAB_AICC_DUPLICATES',
    label: 'Duplicate callbacks',
    hint: "your service's response to them, for the faults",
    default: 'either',
    choices: ['accept', 'refuse', 'either']
  },
  oldKey,
  clock,
  answers
} as const satisfies Settings
