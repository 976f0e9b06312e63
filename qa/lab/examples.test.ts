import t from 'tap'
import { check } from '../../examples/lab/check.ts'
import { derivePublicKey } from '../../examples/lab/webhook-signing.ts'
import {
  type WebhookVendorName,
  webhookVendorNames,
  webhookVendors
} from '../../examples/lab/webhook-vendors.ts'
import { startExample } from '../../test/helper.ts'

const publicUrl = 'https://service.example.com'
/** The settings of each example, and its webhook path. */
const examples: Readonly<
  Record<WebhookVendorName, readonly [env: Record<string, string>, path: string]>
> = {
  zoom: [{ ZOOM_SECRET_TOKEN: keyOf('zoom') }, '/zoom'],
  whatsapp: [
    { WHATSAPP_APP_SECRET: keyOf('whatsapp'), WHATSAPP_VERIFY_TOKEN: 'a-verify-token-of-ours' },
    '/whatsapp'
  ],
  line: [{ LINE_CHANNEL_SECRET: keyOf('line') }, '/line'],
  'standard-webhooks': [{ WEBHOOK_SECRET: keyOf('standard-webhooks') }, '/webhooks'],
  telnyx: [{ TELNYX_PUBLIC_KEY: derivePublicKey(keyOf('telnyx')) }, '/telnyx/calls'],
  vonage: [{ VONAGE_SIGNATURE_SECRET: keyOf('vonage') }, '/vonage/event'],
  twilio: [{ TWILIO_AUTH_TOKEN: keyOf('twilio'), PUBLIC_URL: publicUrl }, '/voice'],
  zendesk: [{ ZENDESK_SIGNING_SECRET: keyOf('zendesk') }, '/zendesk'],
  intercom: [{ INTERCOM_CLIENT_SECRET: keyOf('intercom') }, '/intercom'],
  'genesys-audiohook': [
    { AUDIOHOOK_API_KEY: 'lab', AUDIOHOOK_CLIENT_SECRET: keyOf('genesys-audiohook') },
    '/audiohook'
  ]
}

function keyOf (name: WebhookVendorName): string {
  return webhookVendors[name].key
}

for (const name of webhookVendorNames) {
  t.test(`the lab finds nothing wrong with examples/${name}.ts`, async t => {
    const [env, path] = examples[name]
    const url = await startExample(t, name, env)
    const { exitCode, text } = await check(
      ['--vendor', name, '--target', url + path],
      name === 'twilio' || name === 'genesys-audiohook'
        ? { LAB_PUBLIC_URL: name === 'twilio' ? publicUrl : url }
        : {}
    )
    t.equal(exitCode, 0, text)
  })
}
