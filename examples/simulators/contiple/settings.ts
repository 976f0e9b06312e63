import { clock, oldKey } from '../shared/common-settings.ts'
import type { Settings } from '../shared/settings.ts'

export const contipleSettings = {
  key: {
    variable: 'CONTIPLE_KEY',
    label: 'Security key',
    default: 'lab-contiple-key-0000001',
    secret: true
  },
  lookupUrl: {
    variable: 'LAB_CONTIPLE_URL',
    label: 'Customer information API',
    hint: 'of your service',
    default: 'http://127.0.0.1:3000/contiple/customer',
    kind: 'address'
  },
  queryFields: {
    variable: 'LAB_CONTIPLE_QUERY',
    label: 'Query fields',
    hint: 'sent to your service; the first one is the number',
    default: 'callNum,nation'
  },
  resultFields: {
    variable: 'LAB_CONTIPLE_RESULT',
    label: 'Result fields',
    hint: 'shown to the agent; empty: all fields of the answer',
    default: 'userName,id'
  },
  caller: {
    variable: 'LAB_CALLER',
    label: 'Number of a known customer',
    hint: 'in your service, for the faults',
    default: '+821012345678'
  },
  oldKey,
  clock
} as const satisfies Settings
