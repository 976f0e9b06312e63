import type { Stranger } from '../stranger.ts'
import { genesysAudiohookStranger } from './genesys-audiohook.ts'
import { intercomStranger } from './intercom.ts'
import { lineStranger } from './line.ts'
import { standardStranger } from './standard-webhooks.ts'
import { telnyxStranger } from './telnyx.ts'
import { twilioStranger } from './twilio.ts'
import { vonageStranger } from './vonage.ts'
import { whatsappStranger } from './whatsapp.ts'
import { zendeskStranger } from './zendesk.ts'
import { zoomStranger } from './zoom.ts'

export const strangers: readonly Stranger[] = [
  twilioStranger,
  genesysAudiohookStranger,
  zendeskStranger,
  intercomStranger,
  zoomStranger,
  whatsappStranger,
  lineStranger,
  standardStranger,
  telnyxStranger,
  vonageStranger
]
