import { answers } from '../shared/answers.ts'
import { clock, cookie, oldKey } from '../shared/common-settings.ts'
import type { Settings } from '../shared/settings.ts'

export const onlineContactSettings = {
  key: {
    variable: 'ONLINE_CONTACT_KEY',
    label: 'Organization key',
    default: 'lab-online-contact-key-1',
    secret: true
  },
  service: {
    variable: 'ONLINE_CONTACT_SERVICE',
    label: 'Service',
    hint: 'the id of the help centre',
    default: 'demo'
  },
  guests: {
    variable: 'LAB_GUEST_INQUIRIES',
    label: 'Guest inquiries',
    hint: 'off: who is logged out is sent to your login URL',
    default: 'on',
    choices: ['on', 'off']
  },
  loginUrl: {
    variable: 'LAB_MEMBER_LOGIN_URL',
    label: 'Login URL',
    hint: 'of your site',
    default: 'http://127.0.0.1:3000/member/login',
    kind: 'address'
  },
  statusUrl: {
    variable: 'LAB_MEMBER_STATUS_URL',
    label: 'Login status URL',
    hint: 'of your site',
    default: 'http://127.0.0.1:3000/member/login-status',
    kind: 'address'
  },
  verifyTokenUrl: {
    variable: 'LAB_MEMBER_VERIFY_TOKEN_URL',
    label: 'Token verification URL',
    hint: 'of your site',
    default: 'http://127.0.0.1:3000/member/verify-token',
    kind: 'address'
  },
  linkUrl: {
    variable: 'LAB_MEMBER_LINK_URL',
    label: 'GET links come from',
    hint: 'where your site redirects a member to the help centre by one. Optional',
    kind: 'address'
  },
  serverLoginUrl: {
    variable: 'LAB_MEMBER_SERVER_LOGIN_URL',
    label: 'Server-side login',
    hint:
      'where your site logs a member in by its own call, and redirects to the help centre. Optional',
    kind: 'address'
  },
  signUrl: {
    variable: 'LAB_MEMBER_SIGN_URL',
    label: 'Member fields are signed at',
    hint:
      'where a test installation of yours gives fields that are sent as JSON back with service, time and token. Optional',
    kind: 'address'
  },
  origin: {
    variable: 'LAB_ONLINE_CONTACT_ORIGIN',
    label: 'Origin',
    hint:
      "that your site takes for the help centre's; the faults of the server-side login are done by the stand-in there. Empty: this stand-in's own address; the check takes http://127.0.0.1:3102",
    kind: 'address'
  },
  organization: {
    variable: 'LAB_OPENAPI_ORGANIZATION',
    label: 'Organization id',
    hint: 'signed in calls of the OpenAPI',
    default: 'lab-organization'
  },
  openApiKey: {
    variable: 'LAB_OPENAPI_KEY',
    label: 'Key of the OpenAPI',
    default: 'lab-online-contact-api-1',
    secret: true
  },
  cookie,
  oldKey,
  clock,
  answers
} as const satisfies Settings
