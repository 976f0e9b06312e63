// The faults for every vendor that sends signed webhooks. They are derived from the vendor's
// plugin: its headers, its time window, and whether it refuses duplicates.
import { oldKey } from '../simulators/shared/common-settings.ts'
import type { Settings } from '../simulators/shared/settings.ts'
import { labVendors, type LabVendor } from './vendors.ts'
import { found } from './webhook-calls.ts'
import { explainCall } from './webhook-explain.ts'
import { casesOf, faultsOf } from './webhook-faults.ts'
import { moduleOf } from './webhook-signing.ts'
import { type Name, names, webhookVendors } from './webhook-vendors.ts'

type Checked = Omit<LabVendor, 'create'>

/** The vendors that `check` accepts: the five simulated ones and the webhook vendors. */
export const checkedVendors: Readonly<Record<string, Checked>> = {
  ...labVendors,
  ...Object.fromEntries(names.map(name => [name, webhooks(name)]))
}

function webhooks (name: Name): Checked {
  const { key } = webhookVendors[name]
  const fields: Settings = {
    key: {
      variable: `${name.toUpperCase().replaceAll('-', '_')}_KEY`,
      label: name === 'telnyx' ? 'Private key' : 'Key',
      hint: name === 'telnyx'
        ? 'Ed25519, PKCS #8 in base64; your service has the public half'
        : 'that signs the requests',
      default: key,
      secret: true
    },
    ...name !== 'genesys-audiohook' && {
      body: {
        variable: 'LAB_BODY',
        label: 'Body of the webhooks',
        hint: "a body that your service accepts. Optional: an event of the vendor's"
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
          'where the vendor reaches it, because that is signed. Optional: the origin of the target',
        kind: 'address'
      } as const
    },
    oldKey
  }
  return {
    fields,
    target: 'url',
    cases: casesOf(name),
    async run (values, asked, now) {
      const module = await moduleOf(name)
      const fault = faultsOf(name, module.default, values, now)[asked]
      return fault && await found(
        asked,
        fault,
        String(values['url']),
        (call, got) => explainCall(name, module, values, now(), call, got)
      )
    }
  }
}
