import { createScheme as genesysAudiohook } from '../../../plugins/genesys-audiohook/index.ts'
import { createScheme as intercom } from '../../../plugins/intercom/index.ts'
import { decodeUtf8 } from '../../../plugins/kit/index.ts'
import { createScheme as standardWebhooks } from '../../../plugins/standard-webhooks/index.ts'
import { createScheme as telnyx } from '../../../plugins/telnyx/index.ts'
import { createScheme as twilio } from '../../../plugins/twilio/index.ts'
import { createScheme as vonage } from '../../../plugins/vonage/index.ts'
import type { Target } from '../target.ts'
import { mustHold, catchRefusal } from './must.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const schemes = {
  'genesys-audiohook': genesysAudiohook(),
  intercom: intercom(),
  'standard-webhooks': standardWebhooks(),
  telnyx: telnyx(),
  twilio: twilio(),
  vonage: vonage()
}
const expectations: Readonly<Record<keyof typeof schemes, (secret: string) => boolean>> = {
  'genesys-audiohook': isBase64,
  'standard-webhooks': secret => secret.startsWith('whsec_') && isBase64(secret.slice(6)),
  telnyx: secret => isBase64(secret) && Buffer.from(secret, 'base64').length === 32,
  intercom: secret => !secret.startsWith('dG9r') || secret.length < 44 || !isBase64Digits(secret),
  twilio: secret => !/^(?:AC|SK)[0-9a-f]{32}$/i.test(secret),
  vonage: secret => !secret.includes('-----BEGIN')
}

/** Each secret is read in its vendor's format, in one spelling, or refused. */
export const secrets: Target = {
  name: 'secrets',
  about: [
    'plugins/genesys-audiohook/scheme.ts',
    'plugins/standard-webhooks/scheme.ts',
    'plugins/telnyx/scheme.ts'
  ],
  tokens: [
    key,
    `whsec_${key}`,
    'whsec_',
    'whsk_',
    'whpk_',
    'KEY0123',
    '-----BEGIN PUBLIC KEY-----',
    `AC${'0'.repeat(32)}`,
    `sk${'f'.repeat(32)}`,
    `dG9r${'A'.repeat(40)}`,
    '=',
    '-_',
    ' ',
    '\n'
  ],
  check (bytes) {
    const secret = catchRefusal(() => decodeUtf8(bytes, 'it'))
    if (secret === undefined || secret === '') return
    for (const [name, scheme] of Object.entries(schemes)) {
      const isAccepted = catchRefusal(() => scheme.readKey?.(secret)) !== undefined
      mustHold(
        isAccepted === expectations[name as keyof typeof schemes](secret),
        `${name}: another form`
      )
    }
  }
}

function isBase64 (text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64').toString('base64') === text
}

function isBase64Digits (text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text)
}
