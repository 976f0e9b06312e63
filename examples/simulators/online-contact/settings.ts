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
    hint: 'off: guests go to your login URL',
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
    label: 'GET link endpoint',
    hint: 'of your site; it redirects a member to the help centre. Optional',
    kind: 'address'
  },
  serverLoginUrl: {
    variable: 'LAB_MEMBER_SERVER_LOGIN_URL',
    label: 'Server-side login URL',
    hint: 'of your site; its server logs a member in and redirects to the help centre. Optional',
    kind: 'address'
  },
  signUrl: {
    variable: 'LAB_MEMBER_SIGN_URL',
    label: 'Signing endpoint for member fields',
    hint:
      'of a test installation; it accepts fields as JSON, and returns them with service, time and token. Optional',
    kind: 'address'
  },
  origin: {
    variable: 'LAB_ONLINE_CONTACT_ORIGIN',
    label: 'Origin',
    hint:
      "of the help centre, as in your site's configuration; the simulator there makes the server-side login fail. Empty: this simulator; for the check, http://127.0.0.1:3102",
    kind: 'address'
  },
  organization: {
    variable: 'LAB_OPENAPI_ORGANIZATION',
    label: 'Organization id',
    hint: 'signed in OpenAPI calls',
    default: 'lab-organization'
  },
  openApiKey: {
    variable: 'LAB_OPENAPI_KEY',
    label: 'OpenAPI key',
    default: 'lab-online-contact-api-1',
    secret: true
  },
  cookie,
  oldKey,
  clock,
  answers
} as const satisfies Settings
