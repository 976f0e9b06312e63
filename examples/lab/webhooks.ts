// The faults for every vendor that sends signed webhooks. They are derived from the vendor's
// plugin: its headers, its time window, and whether it refuses duplicates.
import { oldKey } from '../simulators/shared/common-settings.ts'
import type { Settings } from '../simulators/shared/settings.ts'
import { labVendors, type LabVendor } from './vendors.ts'
import { runWebhookFault } from './webhook-calls.ts'
import { explainCall } from './webhook-explain.ts'
import { listCases, createFaults } from './webhook-faults.ts'
import { importVendor } from './webhook-signing.ts'
import { type WebhookVendorName, webhookVendorNames, webhookVendors } from './webhook-vendors.ts'

type VendorCheck = Omit<LabVendor, 'create'>

/** The vendors that `check` accepts: the five simulated ones and the webhook vendors. */
export const checkedVendors: Readonly<Record<string, VendorCheck>> = {
  ...labVendors,
  ...Object.fromEntries(webhookVendorNames.map(name => [name, defineWebhookVendor(name)]))
}

function defineWebhookVendor (name: WebhookVendorName): VendorCheck {
  const { key } = webhookVendors[name]
  const fields: Settings = {
    key: {
      variable: `${name.toUpperCase().replaceAll('-', '_')}_KEY`,
      label: name === 'telnyx' ? 'Private key' : 'Key',
      hint: name === 'telnyx'
        ? 'Ed25519, PKCS #8 in base64; your service has the public key'
        : 'signs the requests',
      default: key,
      secret: true
    },
    ...name !== 'genesys-audiohook' && {
      body: {
        variable: 'LAB_BODY',
        label: 'Body of the webhooks',
        hint: 'a body that your service accepts. Optional; the default is an event of the vendor'
      }
    },
    ...name === 'genesys-audiohook' && {
      apiKey: {
        variable: 'LAB_AUDIOHOOK_API_KEY',
        label: 'API key',
        hint: 'the id of the client secret',
        default: 'lab'
      }
    },
    ...['twilio', 'genesys-audiohook'].includes(name) && {
      publicUrl: {
        variable: 'LAB_PUBLIC_URL',
        label: 'Public origin of your service',
        hint:
          'the origin that the vendor calls and signs. Optional; the default is the origin of the target',
        kind: 'address'
      } as const
    },
    oldKey
  }
  return {
    fields,
    target: 'url',
    cases: listCases(name),
    async run (values, caseName, now) {
      const module = await importVendor(name)
      const fault = createFaults(name, module.default, values, now)[caseName]
      return fault && await runWebhookFault(
        caseName,
        fault,
        String(values['url']),
        (call, got) => explainCall(name, module, values, now(), call, got)
      )
    }
  }
}
