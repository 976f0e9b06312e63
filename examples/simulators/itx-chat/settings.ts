import { answers } from '../shared/answers.ts'
import { cookie, method, oldKey } from '../shared/common-settings.ts'
import type { Settings } from '../shared/settings.ts'

export const itxChatSettings = {
  secret: {
    variable: 'ITX_SECRET',
    label: 'Secret of the website',
    hint: 'for verified data',
    default: 'lab-itx-chat-secret-0001',
    secret: true
  },
  verification: {
    variable: 'LAB_ITX_VERIFICATION',
    label: 'Hash verification',
    hint: 'of the website; off: the agent sees no customer as verified',
    default: 'on',
    choices: ['on', 'off']
  },
  origins: {
    variable: 'LAB_ITX_ORIGINS',
    label: 'Origins of the website',
    hint: 'of your pages, separated by commas',
    default: 'http://127.0.0.1:3000'
  },
  configurations: {
    variable: 'LAB_ITX_CONFIGURATIONS',
    label: 'Chat configurations',
    hint:
      'name, URL postfix, opening hours, design; separated by semicolons or lines. Opening hours: always, 08:00-16:00, or Mo-Fr 08:00-16:00',
    default: 'Every page, /, always, standard',
    kind: 'lines'
  },
  designs: {
    variable: 'LAB_ITX_DESIGNS',
    label: 'Designs',
    hint: 'name, colour, title',
    default: 'standard, #1b4f8f, Chat',
    kind: 'lines'
  },
  timeZone: {
    variable: 'LAB_ITX_TIME_ZONE',
    label: 'Time zone of the opening hours',
    default: 'UTC'
  },
  sessionUrl: {
    variable: 'LAB_ITX_URL',
    label: 'Chat session endpoint',
    hint: 'of your service, for the faults; it returns a signed chat session as JSON',
    default: 'http://127.0.0.1:3000/chat/session',
    kind: 'address'
  },
  method,
  cookie,
  oldKey,
  answers
} as const satisfies Settings
