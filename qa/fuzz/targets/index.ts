import type { Target } from '../target.ts'
import { addresses } from './addresses.ts'
import { form, query } from './form.ts'
import { headers } from './headers.ts'
import { hooks } from './hooks.ts'
import { httpFile } from './http-file.ts'
import { json } from './json.ts'
import { mediaTypes } from './media-type.ts'
import { secrets } from './secrets.ts'
import { upgrades } from './upgrades.ts'
import { signatures, times } from './values.ts'
import { callbacks, urls } from './vendors.ts'
import { handshakes, tokens, webhookSignatures } from './webhooks.ts'

/** All code that reads untrusted bytes. */
export const targets: readonly Target[] = [
  json,
  form,
  query,
  headers,
  mediaTypes,
  times,
  signatures,
  callbacks,
  urls,
  httpFile,
  webhookSignatures,
  tokens,
  handshakes,
  addresses,
  upgrades,
  hooks,
  secrets
]
